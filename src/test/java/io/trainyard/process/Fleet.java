package io.trainyard.process;

import io.trainyard.Http;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Several processes of the service over one database and one data folder. */
final class Fleet implements AutoCloseable {
  private final List<Member> members = new ArrayList<>();

  /** Starts so many processes; each can be killed, paused and started again. */
  Fleet(int size, Path data, String databaseUrl, List<String> settings) throws IOException {
    for (int i = 0; i < size; i++) {
      members.add(new Member(data, databaseUrl, settings));
    }
    for (Member member : members) {
      member.awaitReady();
    }
  }

  List<Member> members() {
    return members;
  }

  @Override
  public void close() {
    members.forEach(Member::kill);
  }

  /** One process; its port stays the same when it is started again. */
  static final class Member {
    private final List<String> command = new ArrayList<>();
    private final Path log;
    private final String base;
    private final Http http;
    private Process process;

    private Member(Path data, String databaseUrl, List<String> settings) throws IOException {
      int port;
      try (ServerSocket socket = new ServerSocket(0)) {
        port = socket.getLocalPort();
      }
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED"));
      String jar = System.getProperty("trainyard.jar", "");
      if (Files.exists(Path.of(jar)) && !jar.isEmpty()) {
        command.addAll(List.of("-jar", jar));
      } else {
        command.addAll(
            List.of(
                "-cp", System.getProperty("java.class.path"), "io.trainyard.TrainyardApplication"));
      }
      command.add("--server.port=" + port);
      command.add("--trainyard.data-dir=" + data);
      command.add("--spring.datasource.url=" + databaseUrl);
      command.add("--spring.datasource.username=postgres");
      command.add("--spring.datasource.hikari.maximum-pool-size=8");
      command.addAll(settings);
      log = Files.createTempFile("trainyard-fleet", ".log");
      base = "http://127.0.0.1:" + port;
      http = new Http(base);
      process = launch();
    }

    private Process launch() throws IOException {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    }

    String base() {
      return base;
    }

    Http http() {
      return http;
    }

    String log() throws IOException {
      return Files.readString(log);
    }

    void awaitReady() throws IOException {
      Instant deadline = Instant.now().plus(Duration.ofSeconds(90));
      while (!isReady()) {
        if (!process.isAlive() || Instant.now().isAfter(deadline)) {
          throw new IllegalStateException("the service did not start:\n" + log());
        }
        Http.pause(Duration.ofMillis(50));
      }
    }

    private boolean isReady() {
      try {
        return http.get("/actuator/health/readiness").status() == 200;
      } catch (RuntimeException notListening) {
        return false;
      }
    }

    /** kill -9, and a new process in its place. */
    void crash() throws IOException {
      kill();
      process = launch();
    }

    /** SIGTERM, and a new process in its place; gives the time it took to end. */
    Duration restart() throws IOException, InterruptedException {
      Instant start = Instant.now();
      process.destroy();
      process.waitFor();
      Duration took = Duration.between(start, Instant.now());
      process = launch();
      return took;
    }

    /** SIGSTOP for a while. */
    void pause(Duration duration) throws IOException, InterruptedException {
      signal("STOP");
      Thread.sleep(duration);
      signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    }

    private void kill() {
      process.destroyForcibly().onExit().join();
    }
  }
}
