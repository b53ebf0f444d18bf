package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.access.AccessKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Streams and waits whose key ends, or may do less, while they are open. */
@Timeout(120)
class EndedKeysHttpTest extends KeyedService {
  private static final Duration SECONDS = Duration.ofSeconds(10);
  private static final String MEMBERS =
      "\"scopes\": [\"read\"], \"models\": [\"watched\"], \"datasets\": [\"watched\"]";

  @Autowired private JdbcClient jdbc;
  @Autowired private AccessKeys keys;
  private String job = "";
  private String sweep = "";

  @BeforeEach
  void startAJobThatDoesNotEnd() {
    admin().upload("watched", "x1,x2,y\n" + "0,0,0\n0,1,1\n1,0,1\n1,1,0\n".repeat(3));
    String body =
        """
        {"model": {"name": "watched", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "watched", "split": {"validation": 0.5}},
         "training": {"loss": "binary_crossentropy", "epochs": 1000000}}\
        """;
    job = admin().submit(body);
    sweep =
        admin()
            .post(
                "/v1/sweeps",
                "{\"job\": %s, \"parameters\": {\"/training/batch_size\": [1, 2]}}".formatted(body))
            .expect(202)
            .location();
  }

  @AfterEach
  void endIt() {
    admin().post(job + "/cancel");
    admin().post(sweep + "/cancel");
  }

  /** What a caller has open: two streams, which end, and two waits, which get an answer. */
  private record Open(List<Future<Integer>> streams, List<Future<Answer>> waits) {}

  private Open open(Http caller) {
    caller.get(job).expect(200);
    Open open = new Open(new ArrayList<>(), new ArrayList<>());
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    for (String path : List.of(job, sweep)) {
      open.streams().add(threads.submit(() -> follow(caller, path)));
      open.waits().add(threads.submit(() -> caller.get(path + "?wait=30")));
    }
    threads.shutdown();
    Http.pause(Duration.ofMillis(1_500));
    for (Future<?> each : open.streams()) {
      assertThat(each.isDone()).isFalse();
    }
    for (Future<?> each : open.waits()) {
      assertThat(each.isDone()).isFalse();
    }
    return open;
  }

  private static int follow(Http caller, String path) {
    List<Http.Event> events = new ArrayList<>();
    try {
      caller.follow(path, 0, Duration.ofSeconds(30), events::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events.size();
  }

  private static void endsWithin(Open open, int status) throws Exception {
    Instant start = Instant.now();
    for (Future<Integer> each : open.streams()) {
      assertThat(each.get()).isPositive();
    }
    for (Future<Answer> each : open.waits()) {
      each.get().expect(status);
    }
    assertThat(Duration.between(start, Instant.now())).isLessThan(SECONDS);
  }

  @Test
  void aDeletedKeyReadsNoMoreEvents() throws Exception {
    JsonNode made = makeKey(MEMBERS);
    Open open = open(as(made.get("key").stringValue()));
    admin().delete("/v1/keys/" + made.get("id").stringValue()).expect(204);
    endsWithin(open, 401);
  }

  @Test
  void aKeyThatExpiresReadsNoMoreEvents() throws Exception {
    String end = Instant.now().plusSeconds(6).toString();
    Open open =
        open(as(makeKey(MEMBERS + ", \"expires_at\": \"" + end + "\"").get("key").stringValue()));
    endsWithin(open, 401);
  }

  @Test
  void aKeyThatLosesItsScopeReadsNoMoreEvents() throws Exception {
    endsWithin(changed("scopes", "predict"), 403);
  }

  @Test
  void aKeyThatLosesItsDatasetReadsNoMoreEvents() throws Exception {
    endsWithin(changed("datasets", "other"), 404);
  }

  /** No operation changes a key, but a restore may. */
  private Open changed(String column, String words) {
    JsonNode made = makeKey(MEMBERS);
    Open open = open(as(made.get("key").stringValue()));
    jdbc.sql("update access_keys set %s = :words where id = :id".formatted(column))
        .param("words", words)
        .param("id", made.get("id").stringValue())
        .update();
    keys.read();
    return open;
  }

  /** Tokens are valid for a minute more, as clocks differ. */
  @Test
  void aTokenThatExpiresReadsNoMoreEvents() throws Exception {
    Date end = Date.from(Instant.now().minusSeconds(60).plusSeconds(8));
    endsWithin(
        open(
            as(
                ISSUER.token(
                    claims ->
                        claims
                            .issuer(ISSUER.url())
                            .claim("scope", "read")
                            .claim("models", List.of("watched"))
                            .expirationTime(end)))),
        401);
  }
}
