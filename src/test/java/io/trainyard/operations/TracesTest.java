package io.trainyard.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ServerLiveRequest;
import io.trainyard.operations.Collector.Received;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What a collector of traces and the access log get. */
@ServiceTest
@Timeout(60)
class TracesTest {
  private static final Collector COLLECTOR = new Collector();
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e47";
  private static final String CALLER = "00f067aa0ba902b7";

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle grpc;

  @DynamicPropertySource
  static void properties(DynamicPropertyRegistry registry) {
    registry.add("trainyard.traces.endpoint", COLLECTOR::endpoint);
    // A worker gets the arguments and variables of its service, and none of these.
    registry.add("trainyard.jobs.isolation", () -> "none");
    registry.add("trainyard.http.access-log", () -> "true");
    // There Spring would take the word of every private address for that of a proxy.
    registry.add("spring.main.cloud-platform", () -> "kubernetes");
  }

  @AfterAll
  static void stop() {
    COLLECTOR.close();
  }

  private void importTanh(String name) {
    http.importVersion(
        name,
        """
        {"name": "%s", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
          {"type": "activation", "function": "tanh"}]}}\
        """
            .formatted(name));
  }

  private static Received named(List<Received> spans, String name) {
    return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void predictIsASpanWithItsParts() {
    importTanh("traced");
    http.post("/v1/models/traced/predict", "{\"instances\": [[1]]}").expect(200);
    String trace = TRACE + "01";
    Http.Answer answer =
        http.post(
            "/v1/models/traced/predict",
            "{\"instances\": [[1], [2]]}",
            "traceparent",
            "00-" + trace + "-" + CALLER + "-01");
    assertThat(answer.header("traceparent")).startsWith("00-" + trace + "-").endsWith("-01");

    List<Received> spans = COLLECTOR.await(trace, span -> span.kind() == 2);
    Received request = named(spans, "POST /v1/models/{model}/predict");
    assertThat(request.parent()).isEqualTo(CALLER);
    assertThat(answer.header("traceparent")).contains(request.id());
    assertThat(request.attributes())
        .containsEntry("http.response.status_code", "200")
        .containsEntry("http.route", "/v1/models/{model}/predict")
        .containsEntry("trainyard.request_id", answer.header("X-Request-ID"));
    Received predict = named(spans, "predict");
    assertThat(predict.parent()).isEqualTo(request.id());
    assertThat(predict.attributes())
        .containsEntry("trainyard.model", "traced")
        .containsEntry("trainyard.version", "1")
        .containsEntry("trainyard.rows", "2");
    long end = predict.start();
    for (String part : List.of("read", "queue", "compute", "write")) {
      Received child = named(spans, part);
      assertThat(child.parent()).as(part).isEqualTo(predict.id());
      // Each span maps its times to the clock by itself, to a millisecond.
      assertThat(child.start()).as(part).isGreaterThanOrEqualTo(end - 2_000_000);
      assertThat(child.end()).as(part).isGreaterThanOrEqualTo(child.start());
      end = child.end();
    }
    assertThat(end).isLessThanOrEqualTo(predict.end() + 2_000_000);
    assertThat(spans).hasSize(6).noneMatch(Received::failed);
  }

  @Test
  void refusedPredictIsAFailedSpan() {
    importTanh("refusing");
    String trace = TRACE + "02";
    http.post(
            "/v1/models/refusing/predict",
            "{\"instances\": [1, 2",
            "traceparent",
            "00-" + trace + "-" + CALLER + "-01")
        .expect(400);
    List<Received> spans = COLLECTOR.await(trace, span -> span.kind() == 2);
    assertThat(named(spans, "predict").failed()).isTrue();
    assertThat(named(spans, "POST /v1/models/{model}/predict").failed())
        .as("the caller's mistake")
        .isFalse();
  }

  @Test
  void jobIsLinkedToItsSubmit() {
    http.upload("traced-jobs", "a,b\n1,2\n2,4\n3,6\n4,8\n");
    String trace = TRACE + "03";
    Http.Answer submitted =
        http.post(
            "/v1/jobs",
            """
            {"model": {"name": "traced-jobs", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"b": {"column": "b"}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
             "dataset": {"name": "traced-jobs"},
             "training": {"loss": "mse", "epochs": 2, "seed": 1}}
            """,
            "traceparent",
            "00-" + trace + "-" + CALLER + "-01");
    http.await(submitted.expect(202).location());
    List<Received> spans = COLLECTOR.await(trace, span -> span.kind() == 5);
    Received submit = named(spans, "POST /v1/jobs");
    Received job = named(spans, "job training");
    assertThat(job.parent()).isEqualTo(submit.id());
    assertThat(job.links()).containsExactly(submit.id());
    assertThat(job.start()).isLessThan(job.end());
    assertThat(job.attributes())
        .containsEntry("trainyard.state", "succeeded")
        .containsEntry("trainyard.attempt", "1")
        .containsEntry("trainyard.pool", "cpu")
        .containsEntry("trainyard.model", "traced-jobs");
  }

  @Test
  void callerMayDecideAgainstATrace() {
    String trace = TRACE + "04";
    http.get("/v1/models", "traceparent", "00-" + trace + "-" + CALLER + "-00").expect(200);
    String later = TRACE + "05";
    http.get("/v1/models", "traceparent", "00-" + later + "-" + CALLER + "-01").expect(200);
    assertThat(COLLECTOR.await(later, span -> span.kind() == 2)).hasSize(1);
    assertThat(COLLECTOR.has(trace)).isFalse();
  }

  /** The lines that the access log gets, with those of the request that has an id. */
  private static List<ILoggingEvent> logged(String id, Runnable requests) {
    Logger logger = (Logger) LoggerFactory.getLogger("io.trainyard.access");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    logger.addAppender(lines);
    try {
      requests.run();
      // The line follows the answer.
      while (lines.list.stream()
          .noneMatch(line -> id.equals(line.getMDCPropertyMap().get("request_id")))) {
        Http.pause(Duration.ofMillis(10));
      }
    } finally {
      logger.detachAppender(lines);
    }
    return List.copyOf(lines.list);
  }

  @Test
  void accessLogHasNoKeys() {
    List<ILoggingEvent> lines =
        logged(
            "logged-1",
            () -> {
              http.get("/livez").expect(200);
              http.get("/v2/health/live").expect(200);
              http.get(
                  "/v1/models/nobody?api_key=s3cret",
                  "Authorization",
                  "Bearer s3cret",
                  "X-Request-ID",
                  "logged-1");
            });
    List<ILoggingEvent> own =
        lines.stream()
            .filter(line -> "logged-1".equals(line.getMDCPropertyMap().get("request_id")))
            .toList();
    assertThat(own).hasSize(1);
    assertThat(own.getFirst().getFormattedMessage())
        .matches(
            "GET /v1/models/nobody \\d+ \\d+ bytes, \\d+\\.\\d ms, from 127\\.0\\.0\\.1"
                + " \\(anonymous\\)");
    assertThat(own.getFirst().getKeyValuePairs().toString())
        .doesNotContain("s3cret")
        .contains("model=\"nobody\"", "key=\"anonymous\"");
    assertThat(lines.toString()).contains("/v1/models/nobody").doesNotContain("/livez");
  }

  /** Who looks for a caller finds it, whichever protocol it uses. */
  @Test
  void accessLogHasCallsOverGrpc() {
    SumNetwork.importAs(http, "logged-grpc");
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "logged-2");
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "s3cret");
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", grpc.getPort()).usePlaintext().build();
    try {
      var service =
          GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
      var named = service.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      List<ILoggingEvent> lines =
          logged(
                  "logged-2",
                  () -> {
                    var _ = service.serverLive(ServerLiveRequest.getDefaultInstance());
                    var _ =
                        HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.getDefaultInstance());
                    var nobody = ModelMetadataRequest.newBuilder().setName("nobody").build();
                    assertThatThrownBy(() -> service.modelMetadata(nobody))
                        .isInstanceOf(StatusRuntimeException.class);
                    var _ =
                        named.modelMetadata(
                            ModelMetadataRequest.newBuilder().setName("logged-grpc").build());
                  })
              // The line of the upload before may come late.
              .stream()
              .filter(line -> line.getFormattedMessage().startsWith("gRPC"))
              .toList();
      assertThat(lines).hasSize(2);
      assertThat(lines.getFirst().getFormattedMessage())
          .matches(
              "gRPC /inference\\.GRPCInferenceService/ModelMetadata NOT_FOUND 0 bytes,"
                  + " \\d+\\.\\d ms, from 127\\.0\\.0\\.1 \\(anonymous\\)");
      assertThat(lines.getFirst().getKeyValuePairs().toString())
          .contains("model=\"nobody\"", "status=\"404\"", "grpc_status=\"NOT_FOUND\"");
      assertThat(lines.getLast().getFormattedMessage())
          .matches(
              "gRPC /inference\\.GRPCInferenceService/ModelMetadata OK [1-9]\\d* bytes,"
                  + " \\d+\\.\\d ms, from 127\\.0\\.0\\.1 \\(anonymous\\)");
      assertThat(lines.getLast().getKeyValuePairs().toString())
          .contains("model=\"logged-grpc\"", "key=\"anonymous\"", "status=\"200\"")
          .doesNotContain("s3cret");
    } finally {
      channel.shutdownNow();
    }
  }

  /** Callers on private addresses are no proxies, also in Kubernetes. */
  @Test
  void callerOnAPrivateAddressStaysItself() {
    List<ILoggingEvent> lines =
        logged(
            "claimed-1",
            () ->
                http.get(
                        "/v1/models",
                        "X-Forwarded-For",
                        "203.0.113.9",
                        "X-Forwarded-Proto",
                        "https",
                        "X-Request-ID",
                        "claimed-1")
                    .expect(200));
    assertThat(lines.toString()).contains("from 127.0.0.1").doesNotContain("203.0.113.9");
  }
}
