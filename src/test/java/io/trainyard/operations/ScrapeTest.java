package io.trainyard.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** What a scrape has: every name with its type and help, from the start, with bounded labels. */
@ServiceTest
@Timeout(60)
class ScrapeTest {
  private static final Path NAMES = Path.of("src/test/resources/golden/metrics.txt");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  /**
   * Each has few values: names of pools, models and the busiest callers, codes, and routes as
   * patterns.
   */
  private static final Set<String> LABELS =
      Set.of(
          "caller", "cause", "code", "java", "kind", "le", "model", "pool", "purpose", "reason",
          "scope", "state", "version");

  @Autowired private Http http;

  private Scrape scrape() {
    return new Scrape(http.get("/actuator/prometheus").text());
  }

  @Test
  void namesTypesAndHelpAreThese() throws Exception {
    assertThat(scrape().ownFamilies()).isEqualTo(Files.readAllLines(NAMES));
  }

  /** The registry may hold what a gauge measures weakly: a collection must take nothing away. */
  @Test
  void gaugesAreNumbersAfterACollection() {
    scrape();
    System.gc();
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(http.get("/actuator/prometheus").text().lines())
                    .filteredOn(line -> line.startsWith("trainyard_") && line.endsWith(" NaN"))
                    .isEmpty());
  }

  @Test
  void labelsAreTheKnownOnes() {
    Set<String> labels =
        scrape().samples().stream()
            .filter(sample -> sample.name().startsWith("trainyard_"))
            .flatMap(sample -> LABEL.matcher(sample.labels()).results())
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    assertThat(labels).isEqualTo(LABELS);
  }

  @Test
  void whatManyProcessesShareIsMarked() {
    Scrape scrape = scrape();
    for (String name : List.of("trainyard_jobs", "trainyard_jobs_queue_depth")) {
      assertThat(scrape.samples(name, ""))
          .isNotEmpty()
          .allSatisfy(sample -> assertThat(sample.labels()).contains("scope=\"shared\""));
    }
  }

  @Test
  void reasonsAreThereBeforeTheFirst() {
    Scrape scrape = scrape();
    for (ErrorCode code : ErrorCode.values()) {
      String label = "\"" + code.code() + "\"";
      assertThat(scrape.samples("trainyard_jobs_failures_total", label)).hasSize(1);
      assertThat(scrape.samples("trainyard_predict_rejections_total", label)).hasSize(1);
    }
    for (String state : List.of("succeeded", "failed", "cancelled")) {
      for (String kind : List.of("training", "sweep", "prediction")) {
        String labels = "kind=\"" + kind + "\",pool=\"cpu\",state=\"" + state + "\"";
        assertThat(scrape.samples("trainyard_jobs_duration_seconds_count", labels)).hasSize(1);
      }
    }
  }

  @Test
  void bucketsReachFromMillisecondsToDays() {
    Scrape scrape = scrape();
    assertThat(scrape.samples("trainyard_jobs_queue_wait_seconds_bucket", "le=\"43200.0\""))
        .hasSize(1);
    assertThat(scrape.samples("trainyard_jobs_queue_wait_seconds_bucket", "le=\"0.01\""))
        .hasSize(1);
    assertThat(scrape.samples("trainyard_jobs_duration_seconds_bucket", "le=\"259200.0\""))
        .isNotEmpty();
    assertThat(scrape.samples("http_server_requests_seconds_bucket", "le=\"0.0025\"")).isNotEmpty();
  }

  @Test
  void endOfAJobIsCountedByPoolAndKind() {
    http.upload("counted-jobs", "a,b\n1,2\n2,4\n3,6\n4,8\n");
    String labels = "kind=\"training\",pool=\"cpu\",state=\"succeeded\"";
    double before = scrape().number("trainyard_jobs_duration_seconds_count", labels);
    double stored = scrape().number("trainyard_jobs_checkpoint_seconds_count", "");
    http.train(
        """
        {"model": {"name": "counted-jobs", "inputs": {"x": {"columns": ["a"]}},
           "targets": {"b": {"column": "b"}},
           "network": {"layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "counted-jobs"},
         "training": {"loss": "mse", "epochs": 2, "seed": 1}}
        """);
    // A caller may see the end before it is counted.
    await()
        .until(
            () -> scrape().number("trainyard_jobs_duration_seconds_count", labels) == before + 1);
    Scrape scrape = scrape();
    assertThat(scrape.number("trainyard_jobs_checkpoint_seconds_count", ""))
        .as("the state at its end is kept")
        .isEqualTo(stored + 1);
    assertThat(scrape.number("trainyard_jobs_checkpoint_size_bytes_sum", "")).isPositive();
  }

  @Test
  void hostileCallersMakeNoLabels() {
    for (int i = 0; i < 3; i++) {
      http.send("ODD" + i, "/v1/models", new byte[0]);
      http.get("/v1/nothing-" + i);
      http.get("/v1/models/unknown-" + i);
      http.get("/elsewhere-" + i + "/x?y=" + i);
    }
    Matcher odd =
        Pattern.compile("ODD|nothing-|unknown-|elsewhere-")
            .matcher(http.get("/actuator/prometheus").text());
    assertThat(odd.results().map(Object::toString).toList()).isEmpty();
  }
}
