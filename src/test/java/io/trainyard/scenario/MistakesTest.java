package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * The mistakes of somebody who knows Keras, PyTorch, scikit-learn or MATLAB. Each answer has the
 * sentence that says what to write instead; {@code models:validate} and {@code jobs} say the same.
 */
@ScenarioTest
class MistakesTest {
  @Autowired private Http http;

  @BeforeAll
  static void makeDatasets(@Autowired Http http) {
    MistakenJobs.datasets().forEach((name, rows) -> upload(http, name, rows));
  }

  private static void upload(Http http, String name, String rows) {
    String type = rows.startsWith("{") ? "application/x-ndjson" : "text/csv";
    Http.Answer answer = http.post("/v1/datasets?name=" + name, type, Http.utf8(rows));
    assertThat(answer.status()).as(answer.text()).isIn(200, 201);
  }

  /** A line of a table in {@code src/test/resources/mistakes}. */
  record Mistake(String name, String job, String pointer, List<String> sentence) {
    static Mistake of(String line) {
      List<String> cells = Stream.of(line.split(" \\| ", -1)).map(String::strip).toList();
      boolean fine = cells.size() == 2;
      return new Mistake(
          cells.get(0),
          cells.get(1),
          fine ? "" : cells.get(2),
          fine ? List.of() : cells.subList(3, cells.size()));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Mistake> refused() {
    return table("refused.txt");
  }

  static List<Mistake> warned() {
    return table("warned.txt");
  }

  static List<Mistake> fine() {
    return table("fine.txt");
  }

  private static List<Mistake> table(String file) {
    try (InputStream in = MistakesTest.class.getResourceAsStream("/mistakes/" + file)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(Mistake::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thereAreMoreThanAHundredAndTwenty() {
    assertThat(refused()).hasSizeGreaterThan(120);
    assertThat(warned()).hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void theJobsAreRightWithoutTheMistakes() {
    for (String base : List.of("table", "series", "image")) {
      JsonNode validation = validate(MistakenJobs.body(base + " {}"));
      assertThat(validation.get("valid").booleanValue()).as(base + validation).isTrue();
      assertThat(validation.get("warnings")).as(base + validation).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedWithTheSentenceThatTeaches(Mistake mistake) {
    String body = MistakenJobs.body(mistake.job());
    Http.Answer answer = http.post("/v1/jobs", body).expect(422);
    assertHas(mistake, answer.json().path("errors"));
    // An unknown member of the body itself is a fault of the request to validate, too.
    JsonNode validation = http.post("/v1/models:validate", body).json();
    assertThat(validation.path("valid").asBoolean(false)).isFalse();
    assertHas(mistake, validation.path("errors"));
  }

  @ParameterizedTest
  @MethodSource("warned")
  void isAcceptedWithTheSentenceThatTeaches(Mistake mistake) {
    String body = MistakenJobs.body(mistake.job());
    JsonNode validation = validate(body);
    assertThat(validation.get("valid").booleanValue()).as(validation.toString()).isTrue();
    assertHas(mistake, validation.path("warnings"));
    String job = http.submit(body);
    assertHas(mistake, http.job(job).path("warnings"));
    assertThat(http.await(job).get("state").stringValue()).isEqualTo("succeeded");
  }

  @ParameterizedTest
  @MethodSource("fine")
  void drawsNoWarning(Mistake job) {
    JsonNode validation = validate(MistakenJobs.body(job.job()));
    assertThat(validation.get("valid").booleanValue()).as(validation.toString()).isTrue();
    assertThat(validation.get("warnings")).as(validation.toString()).isEmpty();
  }

  private JsonNode validate(String body) {
    return http.post("/v1/models:validate", body).expect(200).json();
  }

  private static void assertHas(Mistake mistake, JsonNode faults) {
    assertThat(faults)
        .as(faults.toString())
        .anySatisfy(
            fault -> {
              assertThat(fault.path("pointer").asString("")).isEqualTo(mistake.pointer());
              String said = fault.path("code").asString("") + ": " + fault.get("detail");
              assertThat(said.replace("\\\"", "\"")).contains(mistake.sentence());
            });
  }
}
