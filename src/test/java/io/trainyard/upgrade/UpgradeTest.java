package io.trainyard.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.OwnService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A data folder of an earlier build that was killed opens in this build, and so does a copy in
 * another place. {@code src/test/upgrade/keep} makes a new folder.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Tag("service")
@Execution(ExecutionMode.SAME_THREAD)
class UpgradeTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir private Path folder;
  private JsonNode recorded = MAPPER.createObjectNode();

  static List<Path> kept() throws IOException {
    return KeptFolders.sample();
  }

  /** A changed schema needs a folder of its own: {@code src/test/upgrade/keep schema-NUMBER}. */
  @Test
  void theNewestFolderHasTheTablesOfThisBuild() throws IOException {
    try (Stream<Path> migrations =
        Files.list(Path.of("src", "main", "resources", "db", "migration"))) {
      int newest =
          migrations
              .map(file -> file.getFileName().toString())
              .mapToInt(name -> Integer.parseInt(name.substring(1, name.indexOf("__"))))
              .max()
              .orElseThrow();
      assertThat(KeptFolders.version(KeptFolders.all().getLast())).isEqualTo(newest);
    }
  }

  @ParameterizedTest
  @MethodSource("kept")
  void opensAndContinuesWhereTheEarlierBuildWasKilled(Path archive) throws Exception {
    DataFolder data = DataFolder.unpack(archive, folder);
    recorded = MAPPER.readTree(Files.readAllBytes(folder.resolve("recorded.json")));
    String running = recorded.get("running").stringValue().replace("/v1/jobs/", "");
    JsonNode firstEpoch = data.firstEpoch(running);
    try (OwnService service = OwnService.on(data.path())) {
      Http http = service.http();
      assertSameRows(http);
      assertSamePredictions(http);
      assertRunningJobResumed(http, firstEpoch);
      assertQueuedJobRun(http);
    }
    DataFolder copy = data.copyTo(folder.resolve("elsewhere"));
    Files.move(data.path(), folder.resolve("out of reach"));
    try (OwnService service = OwnService.on(copy.path())) {
      Http http = service.http();
      assertSameRows(http);
      assertSamePredictions(http);
      JsonNode request = http.get(recorded.get("queued").stringValue()).json().get("request");
      JsonNode job = http.await(http.submit(request.toString()), Duration.ofSeconds(30));
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      assertThat(job.at("/result/version").intValue()).isEqualTo(3);
    }
  }

  private void assertSameRows(Http http) {
    JsonNode dataset = http.get("/v1/datasets/iris/versions/1").expect(200).json();
    for (String member : List.of("name", "version", "sha256", "rows", "bytes", "created_at")) {
      assertThat(dataset.get(member)).isEqualTo(recorded.at("/dataset/" + member));
    }
    JsonNode rows =
        http.get("/v1/datasets/iris/versions/1/rows?page_size=500").expect(200).json().get("rows");
    assertThat(rows).isEqualTo(Http.given(recorded.get("rows")));
  }

  private void assertSamePredictions(Http http) {
    for (var prediction : recorded.get("predictions").properties()) {
      String path = "/v1/models/" + prediction.getKey() + "/versions/1/predict";
      JsonNode request = prediction.getValue().get("request");
      JsonNode answer = http.post(path, request.toString()).expect(200).json();
      assertClose(
          answer.get("predictions"), prediction.getValue().at("/answer/predictions"), 1e-5, path);
    }
  }

  /**
   * It resumes from its checkpoint, so its first epoch is unchanged, and it learns what its
   * undisturbed twin learned. The twin may have run on another processor, and thousands of noisy
   * steps amplify differences in rounding.
   *
   * @param firstEpoch the stored first epoch, with its duration
   */
  private void assertRunningJobResumed(Http http, JsonNode firstEpoch) {
    String path = recorded.get("running").stringValue();
    JsonNode job = http.await(path, Duration.ofSeconds(60));
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).isEqualTo(2);
    int epochs = recorded.at("/calm/epochs").intValue();
    JsonNode records = http.get(path + "/metrics").json().get("epochs");
    assertThat(records.size()).isEqualTo(epochs);
    assertThat(records.get(0).get("seconds"))
        .isNotNull()
        .isEqualTo(Http.given(firstEpoch.get("seconds")));
    double calm = recorded.at("/calm/best/val_loss").doubleValue();
    assertThat(job.at("/best/val_loss").doubleValue()).isCloseTo(calm, within(calm / 2));
    JsonNode twin = recorded.at("/predictions/calm");
    JsonNode answer =
        http.post("/v1/models/resumed/predict", twin.get("request").toString()).expect(200).json();
    assertClose(answer.get("predictions"), twin.at("/answer/predictions"), 0.1, path);
  }

  private void assertQueuedJobRun(Http http) {
    JsonNode job = http.await(recorded.get("queued").stringValue(), Duration.ofSeconds(60));
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.at("/result/version").intValue()).isEqualTo(2);
    JsonNode alias = http.get("/v1/models/iris/aliases/production").expect(200).json();
    assertThat(alias.get("version").intValue()).isEqualTo(2);
    assertThat(alias.get("previous_version").intValue()).isEqualTo(1);
  }

  private static void assertClose(JsonNode actual, JsonNode expected, double share, String place) {
    if (expected.isNumber()) {
      double wanted = expected.doubleValue();
      assertThat(actual.doubleValue())
          .as(place)
          .isCloseTo(wanted, within(share * Math.max(1, Math.abs(wanted))));
    } else if (expected.isContainer()) {
      assertThat(actual.size()).as(place).isEqualTo(expected.size());
      for (var member : expected.properties()) {
        String inside = place + "/" + member.getKey();
        assertClose(actual.get(member.getKey()), member.getValue(), share, inside);
      }
      for (int i = 0; expected.isArray() && i < expected.size(); i++) {
        assertClose(actual.get(i), expected.get(i), share, place + "/" + i);
      }
    } else {
      assertThat(actual).as(place).isEqualTo(expected);
    }
  }
}
