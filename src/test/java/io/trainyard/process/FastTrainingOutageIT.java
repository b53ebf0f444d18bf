package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A training of thousands of epochs per second goes on while PostgreSQL is away, in a worker with a
 * heap of 256 MB. Profile {@code faults} makes the outage 30 seconds long; {@code -Dfaults.epochs}
 * sets how many epochs the job has.
 */
@Timeout(3600)
@Tag("slow")
class FastTrainingOutageIT {
  private static final Duration PATIENCE = Duration.ofMinutes(20);
  private static final int EPOCHS = Integer.getInteger("faults.epochs", 60_000);
  private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("faults.outage", 5));

  /** What an outage may add to the worker: 8 MB of measurements, and a page in flight. */
  private static final long MOST_GROWTH = 64L << 20;

  @TempDir private Path folder;

  @Test
  void firstAttemptEndsAsItWouldWithoutTheOutage() throws Exception {
    try (Database database = new Database(folder.resolve("database"));
        ServiceProcess service =
            ServiceProcess.start(
                folder.resolve("data"),
                Map.of(),
                List.of(
                    "--spring.datasource.url=" + database.url(),
                    "--spring.datasource.username=postgres",
                    "--spring.datasource.password=",
                    "--trainyard.jobs.worker-heap=256MB"))) {
      Http http = service.http();
      http.upload("line", JobTemplate.rows(40, 4));
      long worker = service.awaitWorker(PATIENCE);
      String undisturbed = http.submit(job("undisturbed"));
      assertSucceeded(http.await(undisturbed, PATIENCE));

      String path = http.submit(job("served"));
      http.awaitEpoch(path, EPOCHS / 20);
      long before = resident(worker);
      database.stop();
      long most = before;
      Instant end = Instant.now().plus(OUTAGE);
      while (Instant.now().isBefore(end)) {
        most = Math.max(most, resident(worker));
        http.get(path).expect(503);
        Http.pause(Duration.ofMillis(100));
      }
      database.start();
      Instant back = Instant.now();
      service.awaitLog("The database is available again", PATIENCE);

      JsonNode job = http.await(path, PATIENCE);
      most = Math.max(most, resident(worker));
      System.out.printf(
          "%d epochs, %d s away: the worker had %d MB before, at most %d MB; ended %.1f s after the"
              + " return%n",
          EPOCHS,
          OUTAGE.toSeconds(),
          before >> 20,
          most >> 20,
          Duration.between(back, Instant.now()).toMillis() / 1000.0);
      assertSucceeded(job);
      assertThat(most - before).isLessThan(MOST_GROWTH);
      assertThat(http.get("/v1/models/served/aliases/production").expect(200).text())
          .contains("\"version\":1");
      assertThat(records(http, path)).isEqualTo(records(http, undisturbed));
    }
  }

  private static void assertSucceeded(JsonNode job) {
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).as(job.toString()).isEqualTo(1);
  }

  /** Which epochs are shown, and their losses. */
  private static List<String> records(Http http, String job) {
    return http.get(job + "/metrics").expect(200).json().get("epochs").values().stream()
        .map(each -> each.get("epoch") + " " + each.get("loss") + " " + each.get("val_loss"))
        .toList();
  }

  /** Bytes of memory that a process holds. */
  private static long resident(long pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc", String.valueOf(pid), "status"))) {
      String line = lines.filter(each -> each.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }
  }

  private static String job(String model) {
    return """
    {"model": {"name": "%s", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"b": {"column": "b"}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
     "dataset": {"name": "line", "split": {"validation": 0.2}},
     "training": {"loss": "mse", "epochs": %d, "batch_size": 64, "seed": 11,
                  "optimizer": {"type": "sgd", "learning_rate": 0.001}}}
    """
        .formatted(model, EPOCHS);
  }
}
