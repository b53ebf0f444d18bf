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
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two processes with one PostgreSQL: an outage and a pause change no result. */
@Timeout(300)
@Tag("slow")
class TwoWorkersIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  @TempDir private Path folder;
  private Path data = Path.of("");

  /** A sequence of events for two processes and their database. */
  private interface Story {
    void happen(Fleet fleet, Database database) throws Exception;
  }

  private void withTwo(List<String> settings, Story story) throws Exception {
    data = folder.resolve("data");
    try (Database database = new Database(folder.resolve("database"));
        Fleet fleet = new Fleet(2, data, folder.resolve("logs"), database.url(), settings)) {
      fleet.http().upload("line", JobTemplate.rows());
      story.happen(fleet, database);
    }
  }

  /** With the default heartbeats; profile {@code faults} makes the outage 30 seconds long. */
  @Test
  void jobsAndPredictionsGoOnWhileTheDatabaseIsAway() throws Exception {
    Duration outage = Duration.ofSeconds(Integer.getInteger("faults.outage", 5));
    // FaultsIT takes the database away from processes with workers.
    withTwo(
        List.of("--trainyard.jobs.isolation=none"),
        (fleet, database) -> goOnWithout(fleet, database, outage));
  }

  private static void goOnWithout(Fleet fleet, Database database, Duration outage)
      throws Exception {
    Http http = fleet.http();
    http.await(http.submit(JobTemplate.DROPOUT.job("served", "line", 2)), PATIENCE);
    String prediction = predicted(http);
    // Both have the model loaded.
    assertThat(predicted(fleet.members().getLast().http())).isEqualTo(prediction);
    // One may end while the database is away, the other continues until the test stops it.
    int epochs = 100 * (int) outage.toSeconds();
    String brief = http.submit(JobTemplate.DECAY.job("brief", "line", epochs));
    String longer = http.submit(JobTemplate.MOMENTUM.job("longer", "line", 1_000_000));
    int before = http.awaitEpoch(longer, 3).at("/metrics/epoch").intValue();

    database.stop();
    Instant end = Instant.now().plus(outage);
    while (Instant.now().isBefore(end)) {
      for (RestartingProcess member : fleet.members()) {
        assertThat(predicted(member.http())).isEqualTo(prediction);
        Http.Answer absent = member.http().get(longer);
        assertThat(absent.expect(503).header("Retry-After")).isNotEmpty();
      }
    }
    database.start();
    for (RestartingProcess member : fleet.members()) {
      awaitLog(member, "The database is available again");
      assertThat(warnings(member)).as(member.log()).hasSize(1);
      assertThat(warnings(member).getFirst()).contains("The database is down");
    }

    http.awaitEpoch(longer, before + 1);
    http.post(longer + "/stop").expect(202);
    for (String path : List.of(brief, longer)) {
      JsonNode job = http.await(path, PATIENCE);
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      assertThat(job.get("attempt").intValue()).as(job.toString()).isEqualTo(1);
      JsonNode records = http.get(path + "/metrics").expect(200).json().get("epochs");
      assertThat(records.values().stream().map(each -> each.get("epoch").intValue()))
          .doesNotHaveDuplicates()
          .endsWith(job.at("/metrics/epoch").intValue());
    }
    assertThat(http.get(brief + "/metrics").json().get("epochs")).hasSize(epochs);
  }

  private static List<String> warnings(RestartingProcess member) throws IOException {
    return member.log().lines().filter(line -> line.matches(".* (WARN|ERROR) \\d+ .*")).toList();
  }

  private static String predicted(Http http) {
    return http.post("/v1/models/served/predict", PREDICT).expect(200).text();
  }

  @Test
  void pausedWorkerThatWakesAfterItsJobWasTakenOverChangesNothing() throws Exception {
    withTwo(
        List.of(
            // The paused process is the one that runs the job.
            "--trainyard.jobs.isolation=none",
            "--trainyard.jobs.heartbeat=250ms",
            "--trainyard.jobs.missed-heartbeats=8",
            "--trainyard.jobs.poll=100ms",
            "--trainyard.jobs.checkpoint-every=100ms"),
        (fleet, _) -> pauseAndWake(fleet));
  }

  private void pauseAndWake(Fleet fleet) throws Exception {
    // It ends when it is told to, and not before the pause.
    String path = fleet.http().submit(JobTemplate.MOMENTUM.job("taken", "line", 1_000_000));
    fleet.http().awaitEpoch(path, 3);
    String worker = fleet.http().get(path).json().get("worker").stringValue();
    RestartingProcess paused = member(fleet, worker);
    RestartingProcess other =
        fleet.members().get(fleet.members().getFirst().equals(paused) ? 1 : 0);

    paused.hold();
    awaitAttempt(other.http(), path, 2);
    other.http().post(path + "/stop").expect(202);
    JsonNode job = other.http().await(path, PATIENCE);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).as(job.toString()).isEqualTo(2);
    assertThat(job.get("worker").stringValue()).isNotEqualTo(worker);
    Map<String, String> before = all(other.http(), path);
    paused.release();
    awaitLog(paused, "Attempt 1 no longer owns the job");

    assertThat(all(other.http(), path)).isEqualTo(before);
    assertThat(all(paused.http(), path)).isEqualTo(before);
    assertThat(paused.deaths()).isEmpty();
  }

  /** Waits until an attempt has ended an epoch: a stop before would cancel the job. */
  private static void awaitAttempt(Http http, String path, int attempt) {
    int taken = http.job(path).at("/metrics/epoch").asInt(0);
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      JsonNode job = http.job(path);
      if (job.get("attempt").intValue() == attempt && job.at("/metrics/epoch").asInt(0) > taken) {
        return;
      }
      assertThat(Instant.now()).as("%s", job).isBefore(deadline);
      Http.pause(Duration.ofMillis(20));
    }
  }

  /** A worker's name contains its process id. */
  private static RestartingProcess member(Fleet fleet, String worker) {
    return fleet.members().stream()
        .filter(one -> worker.contains("-" + one.pid() + "-"))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitLog(RestartingProcess member, String line) throws IOException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!member.log().contains(line)) {
      assertThat(Instant.now()).as(line).isBefore(deadline);
      Http.pause(Duration.ofMillis(50));
    }
  }

  /** Everything that callers see of a job and its results. */
  private Map<String, String> all(Http http, String job) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (String path :
        List.of(
            job,
            job + "/events",
            job + "/metrics",
            "/v1/models/taken",
            "/v1/models/taken/versions",
            "/v1/models/taken/versions/1")) {
      all.put(path, http.get(path).expect(200).text());
    }
    for (String kind : List.of("weights", "checkpoints")) {
      try (Stream<Path> files = Files.walk(data.resolve(kind))) {
        all.put(kind, files.filter(Files::isRegularFile).sorted().toList().toString());
      }
    }
    return all;
  }
}
