package io.trainyard.process;

import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.TrainyardApplication;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The packaged jar, started on a free port. */
public final class ServiceProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final Http http;
  private final int port;
  private final int grpcPort;

  private ServiceProcess(Process process, Path log, int port, int grpcPort) {
    this.process = process;
    this.log = log;
    this.port = port;
    this.grpcPort = grpcPort;
    http = new Http(port);
  }

  /** Starts the jar over a data folder and waits until it is ready. */
  static ServiceProcess start(Path data, String... jvmOptions) throws IOException {
    return start(data, MemoryLimit.none(), List.of(jvmOptions), List.of());
  }

  /** Starts the classes of this test, in which tests can plant faults. */
  static ServiceProcess startFromClasses(Path data, List<String> settings) throws IOException {
    return startFromClasses(data, Map.of(), settings);
  }

  /** As {@link #startFromClasses(Path, List)}, with variables of the environment. */
  public static ServiceProcess startFromClasses(
      Path data, Map<String, String> environment, List<String> settings) throws IOException {
    List<String> program = classes("", List.of("-Xmx512m"));
    return start(program, data, MemoryLimit.none(), environment, settings);
  }

  /** The same, with options of the JVM and a folder whose classes come first. */
  static ServiceProcess startFromClasses(
      String first, List<String> jvmOptions, Path data, List<String> settings) throws IOException {
    return start(classes(first, jvmOptions), data, MemoryLimit.none(), settings);
  }

  private static List<String> classes(String first, List<String> jvmOptions) {
    String classes = System.getProperty("java.class.path");
    List<String> program = new ArrayList<>(jvmOptions);
    program.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            first.isEmpty() ? classes : first + File.pathSeparator + classes,
            TrainyardApplication.class.getName()));
    return program;
  }

  /** As {@link #start(Path, String...)}, below a limit of memory and with settings. */
  public static ServiceProcess start(
      Path data, MemoryLimit limit, List<String> jvmOptions, List<String> settings)
      throws IOException {
    return start(jar(jvmOptions), data, limit, settings);
  }

  /** The packaged jar; the second compiler would take half of a short test's processor time. */
  private static List<String> jar(List<String> jvmOptions) {
    List<String> program = new ArrayList<>(jvmOptions);
    if (!Cases.all()) {
      program.add("-XX:TieredStopAtLevel=1");
    }
    program.addAll(List.of("-jar", System.getProperty("trainyard.jar")));
    return program;
  }

  /** As {@link #start(Path, String...)}, with variables of the environment and settings. */
  public static ServiceProcess start(
      Path data, Map<String, String> environment, List<String> settings) throws IOException {
    return start(jar(List.of()), data, MemoryLimit.none(), environment, settings);
  }

  /** Starts the jar of another release. */
  public static ServiceProcess startJar(Path jar, Path data, List<String> settings)
      throws IOException {
    return start(
        List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED", "-jar", jar.toString()),
        data,
        MemoryLimit.none(),
        settings);
  }

  private static ServiceProcess start(
      List<String> program, Path data, MemoryLimit limit, List<String> settings)
      throws IOException {
    return start(program, data, limit, Map.of(), settings);
  }

  private static ServiceProcess start(
      List<String> program,
      Path data,
      MemoryLimit limit,
      Map<String, String> environment,
      List<String> settings)
      throws IOException {
    int port = Ports.free();
    int grpcPort = Ports.free();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(program);
    command.addAll(
        List.of(
            "--server.port=" + port,
            "--spring.grpc.server.port=" + grpcPort,
            "--trainyard.data-dir=" + data));
    command.addAll(settings);
    Path log = Files.createTempFile("trainyard-process", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(limit.command(command))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    ServiceProcess service = new ServiceProcess(process, log, port, grpcPort);
    service.awaitReady(Duration.ofMinutes(4));
    return service;
  }

  public Http http() {
    return http;
  }

  int port() {
    return port;
  }

  public int grpcPort() {
    return grpcPort;
  }

  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Waits until a worker takes jobs, and gives the id of its process. */
  long awaitWorker(Duration limit) {
    Instant deadline = Instant.now().plus(limit);
    while (Instant.now().isBefore(deadline)) {
      // One that was killed may still be reported for a moment.
      Optional<ProcessHandle> worker = process.children().findFirst();
      if (worker.isPresent() && http.get("/actuator/health/workers").text().contains("UP")) {
        return worker.get().pid();
      }
      Http.pause(Duration.ofMillis(20));
    }
    throw new IllegalStateException("no worker took jobs");
  }

  /** Waits until the service has logged a text. */
  void awaitLog(String text, Duration limit) throws IOException {
    Instant deadline = Instant.now().plus(limit);
    while (!log().contains(text)) {
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException("was not logged: " + text);
      }
      Http.pause(Duration.ofMillis(50));
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The ids of the service and its worker. */
  public List<Long> pids() {
    List<Long> pids = new ArrayList<>(List.of(process.pid()));
    process.children().map(ProcessHandle::pid).forEach(pids::add);
    return pids;
  }

  public long pid() {
    return process.pid();
  }

  /** kill -9. */
  public void kill() {
    close();
  }

  /** SIGTERM; gives the time the process took to end. */
  public Duration terminate() throws InterruptedException {
    Instant start = Instant.now();
    process.destroy();
    if (!process.waitFor(40, TimeUnit.SECONDS)) {
      kill();
    }
    return Duration.between(start, Instant.now());
  }

  private void awaitReady(Duration limit) throws IOException {
    Instant deadline = Instant.now().plus(limit);
    while (Instant.now().isBefore(deadline)) {
      if (!process.isAlive()) {
        throw new IllegalStateException("the service ended at start:\n" + log());
      }
      if (http.isReady()) {
        return;
      }
      Http.pause(Duration.ofMillis(50));
    }
    process.destroyForcibly();
    throw new IllegalStateException("the service did not become ready:\n" + log());
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
