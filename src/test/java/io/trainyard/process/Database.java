package io.trainyard.process;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A real PostgreSQL whose processes can be ended, killed and held. It comes back on the same port
 * with the same rows.
 */
final class Database implements AutoCloseable {
  private final Path folder;
  private final int port;
  private EmbeddedPostgres server;

  /** Starts an empty one, with its files in that folder. */
  Database(Path folder) throws IOException {
    this.folder = folder;
    this.port = Ports.free();
    this.server = launch();
  }

  private EmbeddedPostgres launch() throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(folder)
        .setCleanDataDirectory(false)
        .setPort(port)
        .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
        .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
        .setServerConfig("max_connections", "200")
        // What was answered must be there after a crash.
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  /** Ends all sessions and then itself. */
  void stop() throws IOException {
    server.close();
  }

  /** Dies at once; it has to recover when it starts again. */
  void crash() throws IOException, InterruptedException {
    Signals.send(process().pid(), "QUIT");
    while (Files.exists(pidFile())) {
      Thread.sleep(10);
    }
    server.close();
  }

  void start() throws IOException {
    server = launch();
  }

  /** Stops answering, with all connections open. */
  void hold() throws IOException, InterruptedException {
    signalAll("STOP");
  }

  void release() throws IOException, InterruptedException {
    signalAll("CONT");
  }

  private void signalAll(String signal) throws IOException, InterruptedException {
    for (ProcessHandle one : Stream.concat(Stream.of(process()), process().children()).toList()) {
      Signals.send(one.pid(), signal);
    }
  }

  /** The process that accepts connections. */
  private ProcessHandle process() throws IOException {
    String pid = Files.readAllLines(pidFile()).getFirst().strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  /** There as long as it runs. */
  private Path pidFile() {
    return folder.resolve("postmaster.pid");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
