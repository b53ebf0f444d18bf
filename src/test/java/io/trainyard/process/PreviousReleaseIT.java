package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A rolling upgrade: the release before, in {@code previous.jar}, works on the tables that this one
 * has migrated, and each sees what the other one does.
 */
@Tag("slow")
@EnabledIfSystemProperty(named = "previous.jar", matches = ".+")
@Timeout(300)
class PreviousReleaseIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  @TempDir private Path folder;

  @Test
  void previousReleaseGoesOnBesideThisOne() throws Exception {
    try (Database database = new Database(folder.resolve("database"))) {
      List<String> settings =
          List.of(
              "--spring.datasource.url=" + database.url(),
              "--spring.datasource.username=postgres",
              "--trainyard.jobs.poll=100ms");
      Path data = folder.resolve("data");
      Path jar = Path.of(System.getProperty("previous.jar"));
      try (ServiceProcess before = ServiceProcess.startJar(jar, data, settings)) {
        before.http().upload("line", JobTemplate.rows());
        succeeded(before.http(), "first");
        String running = before.http().submit(JobTemplate.MOMENTUM.job("long", "line", 2_000));
        before.http().awaitEpoch(running, 2);
        try (ServiceProcess now =
            ServiceProcess.start(data, MemoryLimit.none(), List.of("-Xmx512m"), settings)) {
          for (int i = 0; i < 3; i++) {
            succeeded(before.http(), "before" + i);
            succeeded(now.http(), "now" + i);
          }
          for (String model : List.of("first", "before2", "now2")) {
            assertThat(predicted(before.http(), model)).isEqualTo(predicted(now.http(), model));
          }
          before.http().upload("rows", "a,b\n1,2\n");
          now.http().upload("rows", "a,b\n3,4\n");
          assertThat(before.http().get("/v1/datasets/rows/versions").json().get("versions"))
              .hasSize(2);
          before.terminate();
          JsonNode ended = now.http().await(running, PATIENCE);
          assertThat(ended.get("state").stringValue()).as(ended.toString()).isEqualTo("succeeded");
        }
        assertThat(errors(before)).isEmpty();
      }
    }
  }

  private static List<String> errors(ServiceProcess service) throws IOException {
    return service.log().lines().filter(line -> line.contains(" ERROR ")).toList();
  }

  private static void succeeded(Http http, String model) {
    JsonNode job = http.await(http.submit(JobTemplate.DROPOUT.job(model, "line", 2)), PATIENCE);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
  }

  private static String predicted(Http http, String model) {
    return http.post("/v1/models/" + model + "/predict", PREDICT).expect(200).text();
  }
}
