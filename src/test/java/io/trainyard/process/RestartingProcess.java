package io.trainyard.process;

import io.trainyard.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One process of a fleet. It restarts on the same port, also when it ends unexpectedly, as a
 * supervisor would restart it.
 */
final class RestartingProcess {
  private static final Duration LONGEST_START = Duration.ofMinutes(4);

  private final String name;
  private final List<String> command;
  private final Path logs;
  private final SkewedClock clock;
  private final Http http;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<String> deaths = new CopyOnWriteArrayList<>();
  private int starts;
  private boolean closed;
  private volatile Process process;

  /**
   * Starts one.
   *
   * @param command all but the port
   */
  RestartingProcess(String name, List<String> command, Path logs, SkewedClock clock)
      throws IOException {
    int port = Ports.free();
    this.name = name;
    this.command = new ArrayList<>(command);
    this.command.add("--server.port=" + port);
    this.command.add("--spring.grpc.server.port=0");
    this.command.add("--trainyard.predict.warm-up=0s");
    this.logs = logs;
    this.clock = clock;
    http = new Http(port);
    process = launch();
  }

  private Process launch() throws IOException {
    starts++;
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(clock.environment());
    Process launched = builder.redirectOutput(logFile().toFile()).start();
    Thread.ofVirtual().start(() -> supervise(launched));
    return launched;
  }

  private Path logFile() {
    return logs.resolve(name + "-" + starts + ".log");
  }

  private void supervise(Process one) {
    try {
      one.waitFor();
      endedByItself(one);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void endedByItself(Process one) throws IOException, InterruptedException {
    lock.lock();
    try {
      if (!one.equals(process) || closed) {
        return; // the test ended it
      }
      if (log().contains(" is ready after ")) {
        deaths.add(logFile() + " ends with exit code " + one.exitValue());
      }
      Thread.sleep(500);
      process = launch();
    } finally {
      lock.unlock();
    }
  }

  Http http() {
    return http;
  }

  long pid() {
    return process.pid();
  }

  SkewedClock clock() {
    return clock;
  }

  /** Its unexpected deaths. */
  List<String> deaths() {
    return deaths;
  }

  /** The log of the present process. */
  String log() throws IOException {
    return Files.readString(logFile());
  }

  void awaitReady() throws IOException {
    Instant deadline = Instant.now().plus(LONGEST_START);
    while (!http.isReady()) {
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException("the service did not start:\n" + log());
      }
      Http.pause(Duration.ofMillis(50));
    }
  }

  /** kill -9, and starts a new process. */
  void crash() throws IOException, InterruptedException {
    lock.lock();
    try {
      Process killed = process;
      killed.destroyForcibly();
      process = launch();
      killed.waitFor();
    } finally {
      lock.unlock();
    }
  }

  /** The jar of the next starts. */
  void runFrom(Path jar) {
    lock.lock();
    try {
      command.set(command.indexOf("-jar") + 1, jar.toString());
    } finally {
      lock.unlock();
    }
  }

  /** SIGTERM, and starts a new process; gives the time that the old one took to end. */
  Duration restart() throws IOException, InterruptedException {
    lock.lock();
    try {
      Process ending = process;
      Instant start = Instant.now();
      ending.destroy();
      // The new one needs the same port, so it starts only after the old one has ended.
      if (!ending.waitFor(60, TimeUnit.SECONDS)) {
        ending.destroyForcibly().waitFor();
      }
      Duration took = Duration.between(start, Instant.now());
      process = launch();
      return took;
    } finally {
      lock.unlock();
    }
  }

  /** SIGSTOP for a while. */
  void pause(Duration length) throws IOException, InterruptedException {
    lock.lock();
    try {
      hold();
      Thread.sleep(length);
      release();
    } finally {
      lock.unlock();
    }
  }

  void hold() throws IOException, InterruptedException {
    Signals.send(process.pid(), "STOP");
  }

  void release() throws IOException, InterruptedException {
    Signals.send(process.pid(), "CONT");
  }

  /** kill -9, for good. */
  void close() {
    lock.lock();
    try {
      closed = true;
      process.destroyForcibly();
    } finally {
      lock.unlock();
    }
  }
}
