package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Every example runs as it is printed. */
@ScenarioTest
class ExamplesTest {
  @Autowired private Http http;

  private static final Path EXAMPLES = Path.of("src/examples");

  static List<Path> examples() throws IOException {
    try (var files = Files.walk(EXAMPLES)) {
      return Cases.sample(files.filter(file -> file.endsWith("run.sh")).sorted().toList(), 2);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void runs(Path script) throws Exception {
    Set<String> earlier =
        jobs().map(job -> job.get("id").stringValue()).collect(Collectors.toSet());
    ProcessBuilder builder =
        new ProcessBuilder("bash", script.toString()).redirectErrorStream(true);
    builder.environment().put("TRAINYARD_URL", http.base());
    Path log = Files.createTempFile("example", ".log");
    Process process = builder.redirectOutput(log.toFile()).start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(log);
    assertThat(ended).as(output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).doesNotContain("\"state\":\"failed\"").doesNotContain("curl: (");
    assertThat(output).containsAnyOf("\"predictions\":[", "\"valid\":true");
    jobs()
        .filter(job -> !earlier.contains(job.get("id").stringValue()))
        .forEach(ExamplesTest::warnsOfNoRows);
  }

  private Stream<JsonNode> jobs() {
    return http.get("/v1/jobs?page_size=500").json().get("jobs").valueStream();
  }

  /** What is right as it ships draws none of the warnings about rows and targets. */
  private static void warnsOfNoRows(JsonNode job) {
    assertThat(job.path("warnings").findValuesAsString("code"))
        .as(job.toString())
        .doesNotContain(
            "unscaled_target",
            "constant_target",
            "id_like_column",
            "rows_across_parts",
            "validation_is_training",
            "group_across_parts",
            "rare_class",
            "not_separable",
            "repeated_times",
            "uneven_times");
  }

  /** Each sample as somebody uses it who knows nothing of it: all columns, and a random split. */
  @ParameterizedTest
  @CsvSource({
    "and, y, number",
    "xor, y, number",
    "iris, species, class",
    "houses, price, number",
    "shops, sales, number",
    "digits, label, class",
    "tumours, diagnosis, class"
  })
  void samplesDrawNoWarning(String sample, String target, String type) {
    int status = http.post("/v1/samples/" + sample).status();
    assertThat(status).isIn(200, 201);
    boolean isClass = type.equals("class");
    String input =
        sample.equals("digits")
            ? "{\"column\": \"image\", \"scale\": {\"divide\": 255}}"
            : "{\"columns\": \"*\", \"scale\": \"standard\"}";
    String units =
        String.valueOf(isClass ? sample.equals("iris") ? 3 : sample.equals("digits") ? 10 : 2 : 1);
    String body =
        """
        {"model": {"name": "plain", "inputs": {"x": %s},
                   "targets": {"y": {"column": "%s"%s}},
                   "network": {"layers": [{"type": "flatten"}, {"type": "dense", "units": %s%s}]}},
         "dataset": {"name": "%s", "split": {"validation": 0.25, "test": 0.25}},
         "training": {"loss": "%s", "epochs": 1}}
        """
            .formatted(
                input,
                target,
                isClass ? "" : ", \"scale\": \"standard\"",
                units,
                isClass ? ", \"activation\": \"softmax\"" : "",
                sample,
                isClass ? "categorical_crossentropy" : "mse");
    JsonNode validation = http.post("/v1/models:validate", body).expect(200).json();
    assertThat(validation.get("valid").booleanValue()).as(validation.toString()).isTrue();
    warnsOfNoRows(validation);
  }
}
