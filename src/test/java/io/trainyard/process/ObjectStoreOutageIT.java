package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.store.s3.SpoiledConnections;
import io.trainyard.store.s3.TestObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * An object store that is away, slow or refuses: loaded models answer, jobs wait, nothing is lost.
 */
@Tag("slow")
@Timeout(400)
class ObjectStoreOutageIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("faults.outage", 5));
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  @TempDir private Path folder;
  private int uploads;

  /** How a test spoils the connections. */
  private interface Spoiling {
    void apply(SpoiledConnections connections) throws IOException;
  }

  @Test
  void nothingIsLostWhileItIsAwayRefusesOrIsSlow() throws Exception {
    try (TestObjectStore objects = TestObjectStore.open();
        ServiceProcess service =
            ServiceProcess.start(
                folder.resolve("data"),
                MemoryLimit.none(),
                List.of("-Xmx512m"),
                objects.settings())) {
      Http http = service.http();
      http.upload("line", JobTemplate.rows());
      http.await(http.submit(JobTemplate.DROPOUT.job("served", "line", 2)), PATIENCE);
      String prediction = predicted(http);

      outage(objects, http, SpoiledConnections::away, prediction, true);
      outage(objects, http, SpoiledConnections::refusing, prediction, true);
      outage(
          objects, http, connections -> connections.slow(Duration.ofSeconds(2)), prediction, false);
    }
  }

  private void outage(
      TestObjectStore objects, Http http, Spoiling spoiling, String prediction, boolean refuses)
      throws IOException {
    String name = "outage" + uploads++;
    // It ends during the outage, and not before.
    String job = http.submit(JobTemplate.MOMENTUM.job(name, "line", 1_000_000));
    http.awaitEpoch(job, 3);
    spoiling.apply(objects.connections());
    http.post(job + "/stop").expect(202);
    Instant end = Instant.now().plus(OUTAGE);
    String rows = "a,b\n1," + uploads + "\n";
    while (Instant.now().isBefore(end)) {
      assertThat(predicted(http)).isEqualTo(prediction);
      Http.Answer upload = http.post("/v1/datasets?name=" + name, "text/csv", Http.utf8(rows));
      if (refuses) {
        assertThat(upload.expect(503).header("Retry-After")).isNotEmpty();
      } else {
        assertThat(upload.status()).isIn(200, 201);
      }
    }
    if (refuses) {
      assertThat(http.get("/v1/status").json().get("outages").toString()).contains("object_store");
      assertThat(http.get("/actuator/prometheus").text())
          .contains("trainyard_object_store_available 0.0");
      assertThat(http.get(job).json().get("state").stringValue()).isEqualTo("running");
    }
    objects.connections().restore();
    JsonNode ended = http.await(job, PATIENCE);
    assertThat(ended.get("state").stringValue()).as(ended.toString()).isEqualTo("succeeded");
    assertThat(ended.get("attempt").intValue()).as(ended.toString()).isEqualTo(1);
    assertThat(http.get("/v1/models/" + name + "/versions").json().get("versions")).hasSize(1);
    assertThat(http.post("/v1/datasets?name=" + name, "text/csv", Http.utf8(rows)).status())
        .isIn(200, 201);
  }

  private static String predicted(Http http) {
    return http.post("/v1/models/served/predict", PREDICT).expect(200).text();
  }
}
