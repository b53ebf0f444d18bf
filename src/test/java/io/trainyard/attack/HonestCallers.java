package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.SumNetwork;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Twenty callers, each with a key of its own, who call one after the other. They repeat what gets
 * 429 or 503 with Retry-After for a minute, as the guides say. Whatever else goes wrong is a
 * failure.
 */
final class HonestCallers implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final Duration JOB_LIMIT = Duration.ofMinutes(10);
  private static final Path IRIS = Path.of("src", "examples", "iris", "iris.csv");
  private static final Path MLP = Path.of("src", "test", "resources", "golden", "onnx", "mlp.onnx");
  private static final String JOB =
      """
      {"model": {"name": "%s",
                 "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
                                  "scale": "standard"}},
                 "targets": {"species": {"column": "species"}},
                 "network": {"layers": [{"type": "dense", "units": 8, "activation": "relu"},
                                        {"type": "dense", "units": 3, "activation": "softmax"}]}},
       "dataset": {"name": "honest-iris"},
       "training": {"loss": "categorical_crossentropy", "epochs": %d, "seed": 1,
                    "optimizer": {"type": "adam", "learning_rate": 0.02}}}
      """;
  private static final String INSTANCES =
      "{\"instances\": [{\"sepal_length\": 5.1, \"sepal_width\": 3.5,"
          + " \"petal_length\": 1.4, \"petal_width\": 0.2}]}";
  private static final String TENSORS =
      """
      {"inputs": [{"name": "sepal_length", "shape": [1], "datatype": "FP64", "data": [5.1]},
                  {"name": "sepal_width", "shape": [1], "datatype": "FP64", "data": [3.5]},
                  {"name": "petal_length", "shape": [1], "datatype": "FP64", "data": [1.4]},
                  {"name": "petal_width", "shape": [1], "datatype": "FP64", "data": [0.2]}]}
      """;
  private static final byte[] ARRAY =
      Npy.write(HostTensor.ofFloats(Shape.of(1, 4), 5.1f, 3.5f, 1.4f, 0.2f));

  private final Http admin;
  private final int grpcPort;
  private final List<Thread> threads = new ArrayList<>();
  private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Map<String, List<Long>> times = new TreeMap<>();
  private final Map<String, AtomicInteger> retries = new TreeMap<>();
  private volatile boolean stopped;

  HonestCallers(Http admin, int grpcPort) throws IOException {
    this.admin = admin;
    this.grpcPort = grpcPort;
    admin.upload("honest-iris", Files.readString(IRIS));
    admin.train(JOB.formatted("honest-iris", 60));
    SumNetwork.importAs(admin, "honest-sum");
    new Multipart()
        .part("onnx", Files.readAllBytes(MLP))
        .post(admin, "/v1/models/honest-onnx/versions")
        .expect(201);
    start(5, "predict", this::predict);
    start(3, "predict tensors", this::predictTensors);
    start(2, "predict NPY", this::predictArray);
    start(1, "predict ONNX", this::predictOnnx);
    for (int i = 0; i < 2; i++) {
      startCalls();
    }
    start(3, "train", this::train);
    start(2, "upload", this::upload);
    start(2, "evaluate", this::evaluate);
    assertThat(threads).hasSize(20);
  }

  private String key() {
    return "Bearer "
        + AttackedService.key(
            admin, "read", "predict", "datasets:write", "models:write", "jobs:write");
  }

  private void start(int count, String what, Consumer<Http> call) {
    for (int i = 0; i < count; i++) {
      Http http = new Http(admin.port(), "Authorization", key());
      start(what, () -> call.accept(http));
    }
  }

  private void start(String what, Runnable call) {
    threads.add(Thread.ofVirtual().start(() -> repeat(what, call)));
  }

  private void repeat(String what, Runnable call) {
    while (!stopped) {
      long start = System.nanoTime();
      try {
        call.run();
        note(what, System.nanoTime() - start);
      } catch (RuntimeException | AssertionError e) {
        fail(what, (System.nanoTime() - start) / 1_000_000, e);
      }
      Http.pause(BETWEEN);
    }
  }

  private void fail(String what, long milliseconds, Throwable failure) {
    String text =
        "%s %s after %d ms: %s"
            .formatted(
                LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS),
                what,
                milliseconds,
                Request.shortened(String.valueOf(failure), 1_000));
    System.out.println(text);
    failures.add(text);
  }

  private void note(String what, long nanos) {
    synchronized (times) {
      times.computeIfAbsent(what, _ -> new ArrayList<>()).add(nanos);
    }
  }

  private void pauseFor(String reason, String seconds) {
    synchronized (retries) {
      retries.computeIfAbsent(reason, _ -> new AtomicInteger()).incrementAndGet();
    }
    Http.pause(Duration.ofSeconds(Math.max(1, Long.parseLong(seconds))));
  }

  /** The first answer that does not ask for a retry, or the last one of a minute. */
  private Http.Answer answered(Supplier<Http.Answer> call) {
    long start = System.nanoTime();
    while (true) {
      Http.Answer answer = call.get();
      boolean busy = answer.status() == 429 || answer.status() == 503;
      String after = answer.header("Retry-After");
      if (!busy || after.isEmpty() || System.nanoTime() - start > PATIENCE.toNanos()) {
        return answer;
      }
      pauseFor(answer.status() + " " + answer.json().path("code").asString("/v2"), after);
    }
  }

  private void predict(Http http) {
    Http.Answer answer =
        answered(() -> http.post("/v1/models/honest-iris/predict", INSTANCES)).expect(200);
    assertThat(answer.json().at("/predictions/0/species").asString())
        .as(answer.text())
        .isEqualTo("setosa");
  }

  private void predictTensors(Http http) {
    Http.Answer answer =
        answered(() -> http.post("/v2/models/honest-iris/infer", TENSORS)).expect(200);
    assertThat(answer.text()).contains("setosa");
  }

  private void predictArray(Http http) {
    Http.Answer answer =
        answered(() -> http.post("/v1/models/honest-iris/predict", "application/x-npy", ARRAY))
            .expect(200);
    assertThat(answer.text()).contains("setosa");
  }

  private void predictOnnx(Http http) {
    answered(() -> http.post("/v1/models/honest-onnx/predict", "{\"instances\": [[1, 2, 3, 4]]}"))
        .expect(200);
  }

  private void startCalls() {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", grpcPort).usePlaintext().build();
    channels.add(channel);
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, key());
    var service =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("honest-sum");
    request
        .addInputsBuilder()
        .setName("x")
        .setDatatype("FP32")
        .addAllShape(List.of(1L, 2L))
        .setContents(InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 1f)));
    start(
        "predict gRPC",
        () -> {
          long start = System.nanoTime();
          while (true) {
            try {
              var answer =
                  service.withDeadlineAfter(60, TimeUnit.SECONDS).modelInfer(request.build());
              assertThat(answer.getOutputs(0).getContents().getFp32Contents(0)).isEqualTo(3.5f);
              return;
            } catch (StatusRuntimeException e) {
              Status.Code code = e.getStatus().getCode();
              // A connection that broke has a cause here.
              boolean busy =
                  e.getStatus().getCause() == null
                      && (code == Status.Code.UNAVAILABLE
                          || code == Status.Code.RESOURCE_EXHAUSTED);
              if (!busy || System.nanoTime() - start > PATIENCE.toNanos()) {
                throw e;
              }
              pauseFor("gRPC " + code, "1");
            }
          }
        });
  }

  private void train(Http http) {
    String key = UUID.randomUUID().toString();
    String spec = JOB.formatted("honest-model", 3);
    String path =
        answered(() -> http.post("/v1/jobs", spec, "Idempotency-Key", key)).expect(202).location();
    long start = System.nanoTime();
    JsonNode job;
    do {
      job = answered(() -> http.get(path + "?wait=20")).expect(200).json();
    } while (!job.get("done").booleanValue()
        && System.nanoTime() - start < JOB_LIMIT.toNanos()
        && !stopped);
    if (stopped && !job.get("done").booleanValue()) {
      return;
    }
    assertThat(job.get("state").asString()).as(job.toString()).isEqualTo("succeeded");
    assertThat(answered(() -> http.get(path + "/metrics")).expect(200).text()).contains("loss");
  }

  private void upload(Http http) {
    String name = "honest-" + UUID.randomUUID();
    byte[] csv = Http.utf8("a,b\n1,2\n" + System.nanoTime() % 1_000_000 + ",4\n");
    answered(() -> http.post("/v1/datasets?name=" + name, "text/csv", csv)).expect(201);
    String version = "/v1/datasets/" + name + "/versions/1";
    assertThat(answered(() -> http.get(version + "/rows")).expect(200).json().get("rows"))
        .hasSize(2);
    answered(() -> http.delete(version)).expect(204);
  }

  private void evaluate(Http http) {
    String path = "/v1/models/honest-iris/versions/1/evaluation";
    Http.Answer answer =
        answered(() -> http.post(path, "{\"dataset\": {\"name\": \"honest-iris\"}}")).expect(200);
    assertThat(answer.json().path("metrics")).as(answer.text()).isNotEmpty();
  }

  List<String> failures() {
    return failures;
  }

  /** Of each kind of call since the last report: how many, and how long they took. */
  String report() {
    StringBuilder text = new StringBuilder();
    List<Long> predicts = new ArrayList<>();
    synchronized (times) {
      times.forEach(
          (what, nanos) -> {
            text.append(line(what, nanos));
            if (what.startsWith("predict")) {
              predicts.addAll(nanos);
            }
          });
      times.clear();
    }
    text.append(line("all predicts", predicts));
    synchronized (retries) {
      text.append("retries ").append(retries).append('\n');
      retries.clear();
    }
    return text.toString();
  }

  private static String line(String what, List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(each -> each).sorted().toArray();
    return sorted.length == 0
        ? ""
        : "%-16s %7d calls, p50 %8.1f ms, p99 %8.1f ms, most %8.1f ms%n"
            .formatted(
                what,
                sorted.length,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                Arrays.stream(sorted).max().orElseThrow() / 1e6);
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
