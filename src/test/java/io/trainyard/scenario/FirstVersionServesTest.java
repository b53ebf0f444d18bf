package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** After the quick start of the README, somebody tries what trains worse. */
@ScenarioTest
@Timeout(120)
class FirstVersionServesTest {
  private static final Pattern JOB = Pattern.compile("<<'JSON'\n(\\{.*?\n})\nJSON", Pattern.DOTALL);
  private static final Pattern CALL = Pattern.compile("PUT (\\S+) (\\{.*})");
  private static final String MODEL = "/v1/models/quick";

  @Autowired private Http http;

  @Test
  void trialsAndSweepsDoNotReplaceWhatServes() throws Exception {
    http.sample("iris");
    JsonNode first = succeed(http.train(quickStart(null).toString()));
    assertThat(first.at("/metrics/test_accuracy").doubleValue()).isGreaterThan(0.9);
    assertThat(first.at("/result/serving").toString())
        .isEqualTo("{\"alias\":\"production\",\"version\":1}");
    assertThat(first.get("warnings")).isEmpty();
    JsonNode answer = predict();

    for (int trial = 2; trial <= 4; trial++) {
      JsonNode worse = succeed(http.train(quickStart(trial - 1).toString()));
      assertThat(worse.at("/result/version").intValue()).isEqualTo(trial);
      assertNotServing(worse, trial);
      assertThat(predict()).isEqualTo(answer);
    }
    ObjectNode body = new JsonMapper().createObjectNode();
    body.putObject("parameters").putArray("/training/epochs").add(1).add(2);
    body.put("objective", "val_accuracy").set("job", quickStart(1));
    JsonNode sweep =
        succeed(http.await(http.post("/v1/sweeps", body.toString()).expect(202).location()));
    assertNotServing(sweep, 5);
    assertThat(predict()).isEqualTo(answer);
    assertThat(inferred()).isEqualTo("1");
    assertThat(http.get(MODEL).expect(200).json().get("aliases").toString())
        .isEqualTo("{\"production\":1}");

    Matcher call = CALL.matcher(warning(sweep).get("detail").stringValue());
    assertThat(call.find()).isTrue();
    http.put(call.group(1), call.group(2)).expect(200);
    assertThat(predict().get("version").intValue()).isEqualTo(5);
    http.post(MODEL + "/aliases/production/rollback").expect(200);
    assertThat(predict()).isEqualTo(answer);
    for (int version = 2; version <= 5; version++) {
      http.delete(MODEL + "/versions/" + version).expect(204);
    }
    http.delete(MODEL).expectProblem(409, "in_use");
    http.delete(MODEL + "/aliases/production").expect(204);
    http.delete(MODEL).expect(204);

    JsonNode again = succeed(http.train(quickStart(1).toString()));
    assertThat(again.at("/result/serving/version").intValue()).as("another model").isEqualTo(1);
    assertThat(predict().get("version").intValue()).isEqualTo(1);
    http.delete(MODEL).expect(204);
  }

  @Test
  void theFirstVersionDoesNotServeByItsAliasWhereItsGateFails() throws Exception {
    http.sample("iris");
    ObjectNode gated = quickStart(1);
    ObjectNode gate = gated.putObject("on_success").put("alias", "production");
    gate.putObject("when").putObject("val_accuracy").put("min", 1);
    gate.withObject("when").putObject("loss").put("max", 0);
    for (int version = 1; version <= 2; version++) {
      JsonNode job = succeed(http.train((version == 1 ? gated : quickStart(1)).toString()));
      assertThat(job.at("/result/serving").toString())
          .as("the newest serves")
          .isEqualTo("{\"alias\":null,\"version\":%d}".formatted(version));
      assertThat(job.get("warnings")).isEmpty();
      assertThat(predict().get("version").intValue()).isEqualTo(version);
    }
    http.delete(MODEL).expect(204);
  }

  @Test
  void nothingKeepsAModelWithItsFirstVersionAlone() throws Exception {
    http.sample("iris");
    JsonNode _ = succeed(http.train(quickStart(1).toString()));
    http.delete(MODEL + "/versions/1").expect(204);
    JsonNode second = succeed(http.train(quickStart(1).toString()));
    assertThat(second.at("/result/serving").toString())
        .as("the model had the alias, and lost it")
        .isEqualTo("{\"alias\":null,\"version\":2}");
    http.delete(MODEL).expect(204);
    JsonNode _ = succeed(http.train(quickStart(1).toString()));
    http.delete(MODEL).expect(204);
  }

  /** The job of the quick start; with an early end it is worse. */
  private static ObjectNode quickStart(@Nullable Integer epochs) throws IOException {
    Matcher block = JOB.matcher(Files.readString(Path.of("README.md")));
    assertThat(block.find()).isTrue();
    ObjectNode job = (ObjectNode) new JsonMapper().readTree(block.group(1));
    ((ObjectNode) job.get("model")).put("name", "quick");
    if (epochs != null) {
      ((ObjectNode) job.get("training")).put("epochs", epochs);
    }
    return job;
  }

  private static JsonNode succeed(JsonNode job) {
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    return job;
  }

  private static void assertNotServing(JsonNode job, int version) {
    assertThat(job.at("/result/serving").toString())
        .isEqualTo("{\"alias\":\"production\",\"version\":1}");
    assertThat(warning(job).get("detail").stringValue())
        .contains("PUT /v1/models/quick/aliases/production {\"version\": %d}".formatted(version));
  }

  private static JsonNode warning(JsonNode job) {
    return Objects.requireNonNull(
        job.get("warnings")
            .valueStream()
            .filter(warning -> warning.get("code").stringValue().equals("not_serving"))
            .findFirst()
            .orElse(null),
        job.toString());
  }

  private JsonNode predict() {
    return http.post(
            MODEL + "/predict",
            """
            {"instances": [
              {"sepal_length": 6.1, "sepal_width": 2.8, "petal_length": 4.7, "petal_width": 1.2}]}
            """)
        .expect(200)
        .json();
  }

  /** Which version answers by the Open Inference Protocol. */
  private String inferred() {
    String input = "{\"name\":\"%s\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[%s]}";
    String inputs =
        String.join(
            ",",
            input.formatted("sepal_length", "6.1"),
            input.formatted("sepal_width", "2.8"),
            input.formatted("petal_length", "4.7"),
            input.formatted("petal_width", "1.2"));
    return http.post("/v2/models/quick/infer", "{\"inputs\":[" + inputs + "]}")
        .expect(200)
        .json()
        .get("model_version")
        .stringValue();
  }
}
