package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Weights;
import io.trainyard.process.MemoryLimit;
import io.trainyard.process.ServiceProcess;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The packaged jar with 2 GB of memory, with datasets and models for attacks. A cgroup holds the
 * memory where one can be made; elsewhere a watchdog notes when the process needs more.
 */
final class AttackedService implements AutoCloseable {
  private static final long BUDGET = 2L << 30;

  /** The service's default budget is that share of a cgroup's limit. */
  private static final long LIMIT = BUDGET * 10 / 8;

  private static final int WIDE = 4096;

  /** Seconds after which a request is listed. */
  private static final double SLOW = 5;

  private final MemoryLimit limit;
  private final ServiceProcess service;
  private final Http http;
  private final Wire wire;
  private final List<String> faults = new CopyOnWriteArrayList<>();

  private AttackedService(MemoryLimit limit, ServiceProcess service, Http http) {
    this.limit = limit;
    this.service = service;
    this.http = http;
    wire = new Wire(http);
  }

  /** A service that asks nobody for a key. */
  static AttackedService start(Path data) throws IOException {
    return start(data, List.of());
  }

  /** A service that asks for keys; its caller here is an administrator. */
  static AttackedService startWithKeys(Path data) throws IOException {
    String key = "operators-own-key-0123456789abcdef";
    return start(
        data,
        List.of("--trainyard.access.mode=keys", "--TRAINYARD_ADMIN_KEY=" + key),
        "Authorization",
        "Bearer " + key);
  }

  private static AttackedService start(Path data, List<String> more, String... headers)
      throws IOException {
    List<String> settings =
        new ArrayList<>(List.of("--trainyard.memory=2GB", "--trainyard.predict.timeout=5s"));
    settings.addAll(more);
    MemoryLimit limit = MemoryLimit.of(LIMIT);
    ServiceProcess service = ServiceProcess.start(data, limit, List.of(), settings);
    AttackedService attacked =
        new AttackedService(limit, service, new Http(service.http().port(), headers));
    try {
      prepare(attacked.http());
      return attacked;
    } catch (RuntimeException | AssertionError e) {
      attacked.close();
      throw e;
    }
  }

  /** A dataset of numbers, a trained classifier, and models that are costly by row. */
  static void prepare(Http http) {
    http.sample("iris");
    http.upload(
        "numbers",
        IntStream.range(0, 64)
            .mapToObj(i -> i + "," + i % 7 + "," + i * 0.5)
            .collect(Collectors.joining("\n", "a,b,c\n", "\n")));
    http.train(
        """
        {"model": {"name": "iris",
                   "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"]}},
                   "targets": {"species": {"column": "species"}},
                   "network": {"layers": [{"type": "dense", "units": 8, "activation": "relu"},
                                          {"type": "dense", "units": 3, "activation": "softmax"}]}},
         "dataset": {"name": "iris"},
         "training": {"loss": "categorical_crossentropy", "epochs": 2, "seed": 1}}
        """);
    importCostly(http);
  }

  /** The models that are costly by row, which bombs ask. */
  static void importCostly(Http http) {
    // Imported: a job of this budget may not train it.
    http.importVersion(
        "wide",
        """
        {"name": "wide", "inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "c"}},
         "network": {"layers": [{"type": "dense", "units": 4096, "name": "one"},
                                {"type": "dense", "units": 4096, "name": "two"},
                                {"type": "dense", "units": 1, "name": "three"}]}}
        """,
        new Weights()
            .with("one.weight", Shape.of(WIDE, 1), new float[WIDE])
            .with("one.bias", Shape.of(WIDE), new float[WIDE])
            .with("two.weight", Shape.of(WIDE, WIDE), new float[WIDE * WIDE])
            .with("two.bias", Shape.of(WIDE), new float[WIDE])
            .with("three.weight", Shape.of(1, WIDE), new float[WIDE])
            .with("three.bias", Shape.of(1), 0));
    http.importVersion(
        "repeated",
        """
        {"name": "repeated", "network": {"inputs": {"x": {"shape": [1]}},
                     "layers": [{"type": "repeat", "n": 1000}, {"type": "activation", "function": "tanh"}]}}
        """);
    http.importVersion(
        "long",
        "{\"name\": \"long\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}}, \"layers\": ["
            + "{\"type\": \"repeat\", \"n\": 2000},"
            + IntStream.range(0, 400)
                .mapToObj(_ -> "{\"type\": \"activation\", \"function\": \"tanh\"}")
                .collect(Collectors.joining(","))
            + "]}}");
  }

  Http http() {
    return http;
  }

  /** A new key for some scopes. */
  static String key(Http admin, String... scopes) {
    String body =
        "{\"name\": \"k%s\", \"scopes\": [\"%s\"]}"
            .formatted(UUID.randomUUID(), String.join("\", \"", scopes));
    return admin.post("/v1/keys", body).expect(201).json().get("key").stringValue();
  }

  int grpcPort() {
    return service.grpcPort();
  }

  String log() throws IOException {
    return service.log();
  }

  /** Sends a request and notes what is wrong with its answer. */
  Exchange send(Request request) {
    if (!service.isAlive()) {
      return new Exchange(request, 0, Map.of(), new byte[0], Duration.ZERO);
    }
    long started = System.nanoTime();
    Exchange exchange = wire.send(request);
    double seconds = (System.nanoTime() - started) / 1e9;
    if (seconds > SLOW) {
      System.out.printf("%.1f s, status %d: %s%n", seconds, exchange.status(), request);
    }
    exchange.fault().ifPresent(fault -> faults.add(request + "\n    " + fault));
    if (!service.isAlive()) {
      faults.add(request + "\n    ended the process");
    }
    return exchange;
  }

  /** Sends a request and notes nothing. */
  void sendBeside(Request request) {
    wire.send(request);
  }

  boolean isAlive() {
    return service.isAlive();
  }

  List<String> faults() {
    return new ArrayList<>(faults);
  }

  /** Bytes of memory that the service and its worker have now, without mapped files. */
  long residentBytes() throws IOException {
    long kilobytes = 0;
    for (long pid : service.pids()) {
      kilobytes +=
          Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
              .filter(line -> line.startsWith("RssAnon:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum();
    }
    if (!limit.holds() && kilobytes * 1024 > LIMIT) {
      faults.add("the process has " + kilobytes / 1024 + " MB");
    }
    return kilobytes * 1024;
  }

  /** As {@link #residentBytes}, after a full collection. */
  long restedBytes() throws IOException, InterruptedException {
    for (long pid : service.pids()) {
      for (String command : List.of("GC.run", "System.trim_native_heap")) {
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(pid),
                command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
      }
    }
    return residentBytes();
  }

  void assertLiveAndWell() throws IOException {
    assertThat(service.isAlive()).as("faults %s, log %s", faults, tail()).isTrue();
    assertThat(faults).as(faults.size() + " faults").isEmpty();
    assertThat(service.log()).as("no worker died").doesNotContain(" died: ");
    http.get("/actuator/health/liveness").expect(200);
    // A request may have unloaded it.
    http.post("/v2/repository/models/iris/load").expect(200);
    http.post(
            "/v1/models/iris/predict",
            "{\"instances\": [{\"sepal_length\": 5.1, \"sepal_width\": 3.5,"
                + " \"petal_length\": 1.4, \"petal_width\": 0.2}]}")
        .expect(200);
  }

  /** The end of its log. */
  String tail() throws IOException {
    String log = service.log();
    return log.substring(Math.max(0, log.length() - 4_000));
  }

  @Override
  public void close() throws IOException {
    service.close();
    limit.close();
  }
}
