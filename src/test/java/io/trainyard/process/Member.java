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
 * One process of a fleet. Its port stays the same when it is started again, which also happens when
 * it ends by itself, as any supervisor does it.
 */
final class Member {
  private static final Duration LONGEST_START = Duration.ofMinutes(2);

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
  Member(String name, List<String> command, Path logs, SkewedClock clock) throws IOException {
    int port = Ports.free();
    this.name = name;
    this.command = new ArrayList<>(command);
    this.command.add("--server.port=" + port);
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
        return; // somebody ended it
      }
      if (log().contains("Started TrainyardApplication")) {
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

  /** When it died in the midst of its work without anybody's doing. */
  List<String> deaths() {
    return deaths;
  }

  /** What the present process has said. */
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

  /** kill -9, and a new process in its place. */
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

  /** SIGTERM, and a new process in its place; gives the time it took to end. */
  Duration restart() throws IOException, InterruptedException {
    lock.lock();
    try {
      Process ending = process;
      Instant start = Instant.now();
      ending.destroy();
      // Its place is taken only when it is gone, for both listen at one port.
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
