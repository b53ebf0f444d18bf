package io.trainyard.process;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A real PostgreSQL whose processes a test can stop, kill and pause. It restarts on the same port
 * with the same rows.
 */
public final class Database implements AutoCloseable {
  private final Path folder;
  private final int port;
  private EmbeddedPostgres server;

  /** Starts an empty one with its files in a folder. */
  public Database(Path folder) throws IOException {
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
        // A commit that was answered must survive a crash.
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  /** Ends all sessions, then the server. */
  void stop() throws IOException {
    server.close();
  }

  /** Kills the server, which must recover at its next start. */
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

  /** Pauses the server; connections stay open. */
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

  /** Exists while the server runs. */
  private Path pidFile() {
    return folder.resolve("postmaster.pid");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
