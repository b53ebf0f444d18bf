package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.store.s3.TestObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two replicas with a PostgreSQL and an object store, restarted in turn: callers that follow
 * readiness notice nothing, and every job ends once.
 */
@Tag("slow")
@Timeout(400)
class RollingRestartIT {
  private static final int CALLERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  @TempDir private Path folder;

  @Test
  void noRequestFailsAndNoJobIsLostOrDoubled() throws Exception {
    try (TestObjectStore objects = TestObjectStore.open();
        Database database = new Database(folder.resolve("database"));
        Fleet fleet =
            new Fleet(
                List.of(folder.resolve("one"), folder.resolve("other")),
                folder.resolve("logs"),
                database.url(),
                Stream.concat(
                        objects.settings().stream(),
                        Stream.of(
                            "--trainyard.http.drain=2s",
                            "--trainyard.jobs.heartbeat=500ms",
                            "--trainyard.jobs.missed-heartbeats=10",
                            "--trainyard.jobs.poll=100ms",
                            "--trainyard.jobs.checkpoint-every=200ms"))
                    .toList())) {
      Http http = fleet.http();
      http.upload("line", JobTemplate.rows());
      JsonNode served =
          http.await(http.submit(JobTemplate.DROPOUT.job("served", "line", 2)), PATIENCE);
      assertThat(served.get("state").stringValue()).isEqualTo("succeeded");
      List<String> jobs = new ArrayList<>();
      try (ReadyReplicas replicas = new ReadyReplicas(fleet);
          SteadyCallers callers =
              new SteadyCallers(CALLERS, replicas, "/v1/models/served/predict", PREDICT)) {
        for (RestartingProcess member : fleet.members()) {
          jobs.addAll(submit(replicas, jobs.size(), 3));
          // Long enough that the callers use both.
          Thread.sleep(3000);
          Duration took = member.restart();
          jobs.addAll(submit(replicas, jobs.size(), 3));
          member.awaitReady();
          assertThat(took).isGreaterThan(Duration.ofSeconds(2));
        }
        Thread.sleep(2000);
        callers.stop();
        assertThat(callers.failures()).isEmpty();
        assertThat(callers.answers()).isGreaterThan(100);
        System.out.println("rolling restart: " + callers.answers() + " requests, 0 failed");
      }
      for (String job : jobs) {
        JsonNode ended = fleet.http().await(job, PATIENCE);
        assertThat(ended.get("state").stringValue()).as(ended.toString()).isEqualTo("succeeded");
      }
      for (int i = 0; i < jobs.size(); i++) {
        JsonNode versions =
            fleet.http().get("/v1/models/steady" + i + "/versions").expect(200).json();
        assertThat(versions.get("versions")).as(versions.toString()).hasSize(1);
      }
      fleet.members().forEach(member -> assertThat(member.deaths()).isEmpty());
    }
  }

  private static List<String> submit(ReadyReplicas replicas, int first, int count) {
    List<String> jobs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      JobTemplate recipe = JobTemplate.of(first + i);
      jobs.add(
          replicas.next().submit(recipe.job("steady" + (first + i), "line", JobTemplate.EPOCHS)));
    }
    return jobs;
  }
}
