package io.trainyard.process;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Several processes of the service with one database and one data folder. */
final class Fleet implements AutoCloseable {
  /** This build's jar. */
  static final Path PACKAGED = Path.of(System.getProperty("trainyard.jar", ""));

  private final List<RestartingProcess> members = new ArrayList<>();

  /** What one process starts from: a jar, a folder for its data, and settings of its own. */
  record Start(Path jar, Path data, List<String> settings) {}

  /**
   * Starts the processes and waits until all are ready.
   *
   * @param logs the folder for their logs
   */
  Fleet(int size, Path data, Path logs, String databaseUrl, List<String> settings)
      throws IOException, InterruptedException {
    this(
        Collections.nCopies(size, new Start(PACKAGED, data, List.of())),
        logs,
        databaseUrl,
        settings);
  }

  /** The same, with a start for each process. */
  Fleet(List<Start> starts, Path logs, String databaseUrl, List<String> settings)
      throws IOException, InterruptedException {
    Files.createDirectories(logs);
    for (Start start : starts) {
      String name = "process" + (members.size() + 1);
      members.add(
          new RestartingProcess(
              name,
              command(start, logs, databaseUrl, settings),
              logs,
              SkewedClock.right(logs, name)));
    }
    awaitReady();
  }

  private static List<String> command(
      Start start, Path logs, String databaseUrl, List<String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            // Fast starts matter more than fast code here.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:ErrorFile=" + logs + "/hs_err_%p.log",
            "--enable-native-access=ALL-UNNAMED",
            "-jar",
            start.jar().toString(),
            "--trainyard.data-dir=" + start.data(),
            "--spring.datasource.url=" + databaseUrl,
            "--spring.datasource.username=postgres",
            "--spring.datasource.hikari.maximum-pool-size=8"));
    command.addAll(settings);
    command.addAll(start.settings());
    return command;
  }

  List<RestartingProcess> members() {
    return members;
  }

  RestartingProcess any(Random random) {
    return members.get(random.nextInt(members.size()));
  }

  /** A caller of the first process. */
  Http http() {
    return members.getFirst().http();
  }

  void awaitReady() throws IOException {
    for (RestartingProcess member : members) {
      member.awaitReady();
    }
  }

  @Override
  public void close() {
    members.forEach(RestartingProcess::close);
  }
}
