package io.trainyard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.trainyard.Http;
import io.trainyard.KeyedService;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;

/** Wherever a number, a label, an owner or a state is shown, it is the same. */
class JudgedFormsTest extends KeyedService {
  private static final String SCOPES =
      "\"scopes\": [\"read\", \"predict\", \"datasets:write\", \"models:write\", \"jobs:write\", \"aliases:write\"]";

  /** What binds each caller. */
  private static final List<String> BOUND =
      List.of(
          "",
          ", \"models\": [\"judged-form-*\"], \"datasets\": [\"judged-form*\"]",
          ", \"models\": [\"judged-*\"], \"max_priority\": 5");

  /** Jobs wait more than they compute. */
  private static final int THREADS = 4;

  @Autowired private GrpcServerLifecycle server;

  @Test
  @Timeout(1_800)
  void allPlacesAgree() throws Exception {
    String given = System.getProperty("attack.seed", "");
    long seed = given.isEmpty() ? 44 : Long.parseLong(given);
    int count = Integer.getInteger("generated.forms", 30);
    admin().upload(FormDraw.TABLE, FormDraw.csv());
    Comparisons comparisons = new Comparisons();
    AtomicInteger next = new AtomicInteger();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Http stranger = as(makeKey(SCOPES + ", \"models\": [\"others\"]").get("key").stringValue());
      List<JudgedForms> callers = new ArrayList<>();
      for (String bound : BOUND) {
        callers.add(caller(SCOPES + bound, stranger, channel, comparisons));
      }
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        all.add(
            threads.submit(
                () -> {
                  for (int number = next.getAndIncrement();
                      number < count && !comparisons.isFull();
                      number = next.getAndIncrement()) {
                    FormDraw draw = FormDraw.drawn(seed, number);
                    callers.get(draw.caller()).compare(draw);
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      channel.shutdownNow();
    }
    System.out.println(comparisons);
    assertThat(comparisons.faults()).as("-Dattack.seed=" + seed).isEmpty();
    compareCounts();
  }

  private JudgedForms caller(
      String members, Http stranger, ManagedChannel channel, Comparisons comparisons) {
    JsonNode key = makeKey(members);
    String text = key.get("key").stringValue();
    Http http = as(text);
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + text);
    Routes routes =
        new Routes(
            http,
            GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)),
            2e-4);
    JobPlaces places =
        new JobPlaces(http, text, key.get("name").stringValue(), admin(), stranger, comparisons);
    return new JudgedForms(places, routes);
  }

  /** The gauges count the jobs that lists have; they are read every few seconds. */
  private void compareCounts() {
    for (String state : List.of("queued", "running", "succeeded", "failed", "cancelled")) {
      String gauge = "trainyard_jobs{scope=\"shared\",state=\"%s\"} ".formatted(state);
      int count = listed(state);
      boolean same = false;
      for (int i = 0; i < 300 && !same; i++) {
        same =
            admin()
                .get("/actuator/prometheus")
                .expect(200)
                .text()
                .lines()
                .filter(line -> line.startsWith(gauge))
                .anyMatch(line -> Double.parseDouble(line.substring(gauge.length())) == count);
        if (!same) {
          Http.pause(Duration.ofMillis(100));
        }
      }
      assertThat(same).as("%d jobs are %s", count, state).isTrue();
    }
  }

  private int listed(String state) {
    int count = 0;
    String token = "";
    do {
      JsonNode page =
          admin().job("/v1/jobs?page_size=500&state=%s&page_token=%s".formatted(state, token));
      count += page.get("jobs").size();
      token = page.get("next_page_token").stringValue();
    } while (!token.isEmpty());
    return count;
  }
}
