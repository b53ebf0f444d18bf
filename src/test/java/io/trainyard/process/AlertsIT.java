package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Weights;
import io.trainyard.store.SmallDisk;
import io.trainyard.store.s3.TestObjectStore;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each alert is silent under load beside a noisy neighbour, and fires when its condition is caused
 * in a running service that a real Prometheus scrapes. Alerts wait a 60th of their time. {@code
 * -Dalerts.quiet=20m} tests the silence alone, for so long and with the rules as they are.
 */
@Tag("tools")
@Timeout(value = 1, unit = TimeUnit.HOURS)
class AlertsIT {
  private static final int HURRY = 60;
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Pattern NAME = Pattern.compile("(?m)^\\s+- alert: (\\w+)$");
  private static final int WIDE = 2_000;

  /** Of a service with a heap of 512 MB. */
  private static final int MOST_CONNECTIONS = 1_024;

  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  @TempDir private Path folder;

  private final Set<String> fired = new TreeSet<>();
  private final List<String> faults = new ArrayList<>();

  /** What causes the condition of an alert, again and again while it is waited for. */
  private interface Cause {
    void happen() throws Exception;
  }

  @Test
  void everyAlertIsSilentUnderLoadAndFiresForItsCause() throws Exception {
    String quiet = System.getProperty("alerts.quiet", "");
    try (SmallDisk disk = SmallDisk.mount(folder, 256);
        TestObjectStore objects = TestObjectStore.open();
        Database database = new Database(folder.resolve("database"));
        ServiceProcess service =
            ServiceProcess.startFromClasses(disk.folder(), settings(database, objects));
        NoisyNeighbour neighbour = new NoisyNeighbour();
        Prometheus prometheus =
            Prometheus.start(
                Files.createDirectory(folder.resolve("metrics")), quiet.isEmpty() ? HURRY : 1)) {
      prometheus.scrape("ml", "trainyard", service.port());
      prometheus.scrape("shop", "shop", neighbour.port());
      // One that has never been there.
      prometheus.scrape("shop", "till", Ports.free());
      Http http = service.http();
      http.upload("line", JobTemplate.rows());
      FleetUnderLoad.train(http, "served");
      stayQuiet(
          prometheus,
          http,
          quiet.isEmpty() ? Duration.ofSeconds(20) : Duration.parse("PT" + quiet));
      if (!quiet.isEmpty()) {
        return;
      }
      try (ServiceProcess older = startOlder(settings(database, objects))) {
        prometheus.scrape("ml", "trainyard", older.port());
        jobsWait(prometheus, service, database);
        filesAreDamaged(prometheus, http, objects, disk);
        predictionsAreSlowAndRefused(prometheus, http, database);
        connectionsAreRefused(prometheus, service);
        objectStoreIsAway(prometheus, http, objects);
        diskIsFull(prometheus, disk);
        workersCrash(prometheus, http);
        heapIsTooSmall(prometheus, older);
        // Its cause is the older process, before which it was silent.
        awaitFiring(prometheus::firing, Set.of("TrainyardVersionsDiffer"), () -> {});
        memoryIsUsedAndTheProcessDies(prometheus, settings(database, objects));
      }
      service.kill();
      await(prometheus, "TrainyardGone", () -> {});
      assertThat(faults).isEmpty();
      assertThat(fired).as("those with a cause here").isEqualTo(all());
    }
  }

  private static List<String> settings(Database database, TestObjectStore objects) {
    return Stream.concat(
            objects.settings().stream(),
            Stream.of(
                "--test.native-crash=true",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=postgres",
                "--spring.datasource.hikari.connection-timeout=2000",
                "--trainyard.jobs.crash-limit=0",
                "--trainyard.jobs.worker-restart-pause=500ms",
                "--trainyard.jobs.checkpoint-every=100ms",
                "--trainyard.jobs.pools.gpu.slots=0",
                "--trainyard.jobs.pools.gpu.device=cuda",
                // Room for one of two wide models.
                "--trainyard.predict.loaded-bytes=24MB"))
        .toList();
  }

  private static Set<String> all() throws Exception {
    return NAME.matcher(Files.readString(Prometheus.RULES))
        .results()
        .map(name -> name.group(1))
        .collect(TreeSet::new, Set::add, Set::addAll);
  }

  /** Waits until an alert fires, which must not have fired before. */
  private void await(Prometheus prometheus, String alert, Cause cause) throws Exception {
    awaitAll(prometheus, Set.of(alert), cause);
  }

  private void awaitAll(Prometheus prometheus, Set<String> alerts, Cause cause) throws Exception {
    Set<String> early = prometheus.firing();
    early.retainAll(alerts);
    early.forEach(alert -> faults.add(alert + " fired without its cause"));
    awaitFiring(prometheus::firing, alerts, cause);
  }

  private void awaitFiring(Supplier<Set<String>> firing, Set<String> alerts, Cause cause)
      throws Exception {
    Set<String> missing = new TreeSet<>(alerts);
    Instant begin = Instant.now();
    while (!missing.isEmpty() && Instant.now().isBefore(begin.plus(PATIENCE))) {
      cause.happen();
      missing.removeAll(firing.get());
      Http.pause(Duration.ofMillis(200));
    }
    System.out.printf(
        "%s after %d s%n", alerts, Duration.between(begin, Instant.now()).toSeconds());
    missing.forEach(alert -> faults.add(alert + " did not fire for its cause"));
    fired.addAll(alerts);
  }

  /** Callers predict, upload and train as usual; no alert fires. */
  private static void stayQuiet(Prometheus prometheus, Http http, Duration time) throws Exception {
    Instant end = Instant.now().plus(time);
    int predictions = 0;
    int jobs = 0;
    Set<String> pending = new TreeSet<>();
    while (Instant.now().isBefore(end)) {
      for (int i = 0; i < 100; i++) {
        http.post("/v1/models/served/predict", PREDICT).expect(200);
        predictions++;
        Http.pause(Duration.ofMillis(10));
      }
      http.upload("line", JobTemplate.rows(400, 40 + jobs));
      FleetUnderLoad.succeeded(
          http.await(
              http.submit(JobTemplate.of(jobs++).job("usual", "line", JobTemplate.EPOCHS)),
              PATIENCE));
      prometheus
          .alerts()
          .forEach(alert -> pending.add(alert.at("/labels/alertname").stringValue()));
      assertThat(prometheus.firing()).as("%s", prometheus.alerts()).isEmpty();
    }
    System.out.printf(
        "quiet for %s: %d predictions, %d jobs; waited without firing: %s%n",
        time, predictions, jobs, pending);
  }

  private void jobsWait(Prometheus prometheus, ServiceProcess service, Database database)
      throws Exception {
    Http http = service.http();
    String gpu =
        http.submit(
            JobTemplate.DROPOUT
                .job("gpu", "line", 1)
                .replaceFirst("\\{", "{\"resources\": {\"pool\": \"gpu\"}, "));
    await(prometheus, "TrainyardQueueStuck", () -> {});
    http.post(gpu + "/cancel").expect(202);

    String holder = http.submit(JobTemplate.DROPOUT.job("holder", "line", 1_000_000));
    http.awaitEpoch(holder, 1);
    List<String> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(http.submit(JobTemplate.DROPOUT.job("waiting", "line", 1)));
    }
    try (Connection connection = DriverManager.getConnection(database.url(), "postgres", "");
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "update jobs set created_at = created_at - interval '20 minutes'"
                      + " where state = 'queued'"))
          .isEqualTo(waiting.size());
    }
    http.post(holder + "/stop").expect(202);
    waiting.forEach(job -> FleetUnderLoad.succeeded(http.await(job, PATIENCE)));
    await(prometheus, "TrainyardQueueWait", () -> {});
  }

  private void filesAreDamaged(
      Prometheus prometheus, Http http, TestObjectStore objects, SmallDisk disk) throws Exception {
    Set<String> before = Set.copyOf(objects.keys());
    // No other job has these weights, so no other model uses their file.
    FleetUnderLoad.succeeded(
        http.await(http.submit(JobTemplate.DECAY.job("damaged", "line", 3)), PATIENCE));
    List<String> added = objects.keys().stream().filter(key -> !before.contains(key)).toList();
    assertThat(added).isNotEmpty();
    for (String key : added) {
      Files.write(objects.file(key), new byte[] {1, 2, 3});
    }
    try (Stream<Path> copies = Files.walk(disk.folder().resolve("cache"))) {
      for (Path copy : copies.filter(Files::isRegularFile).toList()) {
        Files.delete(copy);
      }
    }
    awaitAll(
        prometheus,
        Set.of("TrainyardDamagedFile", "TrainyardErrors"),
        () -> http.post("/v1/models/damaged/predict", PREDICT).expect(500));
  }

  /** An address that opens more connections than it leaves for others. */
  private void connectionsAreRefused(Prometheus prometheus, ServiceProcess service)
      throws Exception {
    List<Socket> held = new ArrayList<>();
    try {
      await(
          prometheus,
          "TrainyardConnectionsRefused",
          () -> {
            while (held.size() < MOST_CONNECTIONS) {
              held.add(connection(service.port()));
            }
            for (int i = 0; i < 30; i++) {
              connection(service.port()).close();
            }
          });
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  private static Socket connection(int port) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.9"), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  private void predictionsAreSlowAndRefused(Prometheus prometheus, Http http, Database database)
      throws Exception {
    for (String name : List.of("wide", "wider")) {
      http.importVersion(
          name,
          """
          {"name": "%s", "inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "y"}},
           "network": {"layers": [{"type": "dense", "name": "w", "units": %2$d, "bias": false},
                                  {"type": "dense", "name": "v", "units": %2$d, "bias": false},
                                  {"type": "dense", "name": "y", "units": 1, "bias": false}]}}
          """
              .formatted(name, WIDE),
          new Weights()
              .with("w.weight", Shape.of(WIDE, 1), ones(WIDE))
              .with("v.weight", Shape.of(WIDE, WIDE), ones(WIDE * WIDE))
              .with("y.weight", Shape.of(1, WIDE), ones(WIDE)));
    }
    await(
        prometheus,
        "TrainyardEvictionThrash",
        () -> {
          for (int i = 0; i < 5; i++) {
            http.post("/v1/models/wide/predict", PREDICT).expect(200);
            http.post("/v1/models/wider/predict", PREDICT).expect(200);
          }
        });
    String slow = slow(http);
    await(
        prometheus,
        "TrainyardPredictSlow",
        () -> http.post("/v1/models/wide/predict", slow).expect(200));
    database.stop();
    awaitAll(
        prometheus,
        Set.of("TrainyardDatabaseAway", "TrainyardPredictRefused"),
        // Which version it has is in the database.
        () -> http.post("/v1/models/usual/predict", PREDICT).expect(503));
    database.start();
    while (http.get("/v1/jobs").status() != 200) {
      Http.pause(Duration.ofMillis(200));
    }
  }

  /** A prediction that takes two seconds on this machine. */
  private static String slow(Http http) {
    for (int rows = 5_000; true; rows *= 2) {
      String body =
          "{\"instances\": [" + String.join(", ", Collections.nCopies(rows, "{\"a\": 0.5}")) + "]}";
      Instant begin = Instant.now();
      http.post("/v1/models/wide/predict", body).expect(200);
      if (begin.plusSeconds(2).isBefore(Instant.now())) {
        return body;
      }
    }
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private void objectStoreIsAway(Prometheus prometheus, Http http, TestObjectStore objects)
      throws Exception {
    String job = http.submit(JobTemplate.DROPOUT.job("checkpointed", "line", 1_000_000));
    http.awaitEpoch(job, 1);
    objects.connections().away();
    awaitAll(prometheus, Set.of("TrainyardObjectStoreAway", "TrainyardCheckpointsFail"), () -> {});
    objects.connections().restore();
    http.post(job + "/stop").expect(202);
    FleetUnderLoad.succeeded(http.await(job, PATIENCE));
  }

  private void diskIsFull(Prometheus prometheus, SmallDisk disk) throws Exception {
    // 5 % of the disk is the reserve of the database.
    disk.fillBut(disk.folder().toFile().getTotalSpace() / 10);
    await(prometheus, "TrainyardDiskLow", () -> {});
    disk.fill();
    await(prometheus, "TrainyardDiskFull", () -> {});
    disk.free();
  }

  private void workersCrash(Prometheus prometheus, Http http) throws Exception {
    awaitAll(
        prometheus,
        Set.of("TrainyardJobsFail", "TrainyardWorkersDie"),
        () -> {
          String poison =
              http.submit(
                  """
                  {"model": {"name": "poison", "inputs": {"x": {"columns": ["a"]}},
                             "targets": {"b": {"column": "b"}},
                             "network": {"layers": [
                               {"type": "dense", "units": 1, "name": "poison"}]}},
                   "dataset": {"name": "line"}, "training": {"loss": "mse", "epochs": 50}}
                  """);
          assertThat(http.await(poison, PATIENCE).at("/error/code").stringValue())
              .isEqualTo("worker_crashed");
        });
  }

  /** A process of another version, whose heap is small. */
  private ServiceProcess startOlder(List<String> settings) throws Exception {
    Path classes = folder.resolve("older");
    Files.createDirectories(classes.resolve("META-INF"));
    Files.writeString(
        classes.resolve("META-INF").resolve("build-info.properties"), "build.version=0.0.9\n");
    return ServiceProcess.startFromClasses(
        classes.toString(),
        List.of("-Xmx160m", "-Xmn4m", "-XX:+UseSerialGC"),
        folder.resolve("small"),
        with(settings, "--trainyard.roles=api", "--test.short-lookback=true"));
  }

  private static List<String> with(List<String> settings, String... more) {
    return Stream.concat(settings.stream(), Arrays.stream(more)).toList();
  }

  private void heapIsTooSmall(Prometheus prometheus, ServiceProcess small) throws Exception {
    String large = "{\"x\": \"" + "x".repeat(1 << 20) + "\"}";
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!done.get()) {
                      var _ = small.http().post("/v1/models:validate", large);
                    }
                  }));
    }
    try {
      await(prometheus, "TrainyardGarbageCollection", () -> {});
    } finally {
      done.set(true);
    }
    for (Thread caller : callers) {
      caller.join();
    }
  }

  /** A heap that is in memory from the start, in a budget that has hardly more. */
  private void memoryIsUsedAndTheProcessDies(Prometheus prometheus, List<String> settings)
      throws Exception {
    try (ServiceProcess full =
        ServiceProcess.startFromClasses(
            "",
            List.of("-Xms4g", "-Xmx4g", "-XX:+AlwaysPreTouch"),
            folder.resolve("full"),
            with(
                settings,
                "--trainyard.roles=worker",
                "--trainyard.memory=4700MB",
                "--trainyard.jobs.memory=64MB",
                "--trainyard.datasets.concurrency=1"))) {
      prometheus.scrape("ml", "trainyard", full.port());
      await(prometheus, "TrainyardMemoryHigh", () -> {});
      full.kill();
      // One that collects garbage all the time may have missed scrapes, too.
      awaitFiring(() -> prometheus.firing(full.port()), Set.of("TrainyardDown"), () -> {});
    }
  }
}
