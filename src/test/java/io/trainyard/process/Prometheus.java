package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.trainyard.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A real Prometheus, which scrapes services of this machine and evaluates the rules of the chart.
 */
final class Prometheus implements AutoCloseable {
  static final Path RULES = Path.of("helm/files/alerts.yml");
  private static final Pattern PENDING = Pattern.compile("for: (\\d+)(m|h)\\b");

  /** Some scrapes long, in milliseconds: one that a busy machine misses is no outage. */
  private static final long LEAST = 5_000;

  private static final Duration START = Duration.ofMinutes(1);

  private final Path targets;
  private final List<String> scraped = new ArrayList<>();
  private final Process process;
  private final Http http;

  private Prometheus(Path targets, Process process, int port) {
    this.targets = targets;
    this.process = process;
    this.http = new Http(port);
  }

  /**
   * Starts one; skips the test where it is not installed.
   *
   * @param hurry by which the time is divided that a condition lasts before its alert fires
   */
  static Prometheus start(Path folder, int hurry) throws IOException {
    Files.writeString(folder.resolve("alerts.yml"), hurried(Files.readString(RULES), hurry));
    Path targets = folder.resolve("targets.json");
    Files.writeString(targets, "[]");
    Files.writeString(
        folder.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}
        rule_files: [alerts.yml]
        scrape_configs:
          - job_name: services
            metrics_path: /actuator/prometheus
            file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
        """);
    int port = Ports.free();
    Path log = folder.resolve("prometheus.log");
    ProcessBuilder command =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + folder.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + folder.resolve("series"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Process process;
    try {
      process = command.start();
    } catch (IOException noSuchProgram) {
      return abort("prometheus is not installed");
    }
    Prometheus prometheus = new Prometheus(targets, process, port);
    prometheus.awaitStart(log);
    return prometheus;
  }

  /** Rules whose alerts wait for a fraction of their time. */
  private static String hurried(String rules, int hurry) {
    return PENDING
        .matcher(rules)
        .replaceAll(
            wait -> {
              long minutes = Long.parseLong(wait.group(1)) * (wait.group(2).equals("h") ? 60 : 1);
              return "for: " + Math.max(LEAST, minutes * 60_000 / hurry) + "ms";
            });
  }

  private void awaitStart(Path log) throws IOException {
    Instant deadline = Instant.now().plus(START);
    while (true) {
      try {
        if (http.get("/-/ready").status() == 200) {
          return;
        }
      } catch (UncheckedIOException notListening) {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
      }
      assertThat(Instant.now()).as("it did not start").isBefore(deadline);
      Http.pause(Duration.ofMillis(50));
    }
  }

  /** Scrapes a port from now on, as one of an installation. */
  void scrape(String namespace, String job, int port) throws IOException {
    scraped.add(
        "{\"targets\": [\"127.0.0.1:%d\"], \"labels\": {\"namespace\": \"%s\", \"job\": \"%s\"}}"
            .formatted(port, namespace, job));
    Path next = targets.resolveSibling("targets.next");
    Files.writeString(next, scraped.toString());
    Files.move(next, targets, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The names of the alerts that fire. */
  Set<String> firing() {
    return firing(_ -> true);
  }

  /** The names of those that fire for the process at a port. */
  Set<String> firing(int port) {
    return firing(alert -> alert.at("/labels/instance").asString("").endsWith(":" + port));
  }

  private Set<String> firing(Predicate<JsonNode> which) {
    Set<String> firing = new TreeSet<>();
    for (JsonNode alert : alerts()) {
      if (alert.get("state").stringValue().equals("firing") && which.test(alert)) {
        firing.add(alert.at("/labels/alertname").stringValue());
      }
    }
    return firing;
  }

  /** All that fire or may soon, with their labels. */
  JsonNode alerts() {
    return http.get("/api/v1/alerts").expect(200).json().at("/data/alerts");
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
