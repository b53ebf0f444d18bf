package io.trainyard.api.job;

import static io.trainyard.api.job.XorJob.MODEL;
import static io.trainyard.api.job.XorJob.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Jobs that are refused at submission, each with the place of its fault. */
@ServiceTest
@Timeout(90)
class SubmissionHttpTest {
  @Autowired private Http http;

  @BeforeEach
  void makeDataset() {
    http.sample("xor");
  }

  @ParameterizedTest(name = "{1} → {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"epochs\": 20                 | \"epochs\": 0                            |"
            + " /training/epochs",
        "\"epochs\": 20                 | \"epochs\": \"20\"                       |"
            + " /training/epochs",
        "\"name\": \"xor\"              | \"name\": \"nothing\"                    | /dataset/name",
        "\"name\": \"xor\"              | \"name\": \"xor\", \"version\": 99       |"
            + " /dataset/version",
        "\"name\": \"xor\"              | \"name\": \"xor\", \"split\": {\"validation\": 0.1} |"
            + " /dataset/split/validation",
        "\"name\": \"xor\"              | \"name\": \"xor\", \"split\": {\"validation\": 1}   |"
            + " /dataset/split/validation",
        "[\"x1\", \"x2\"]               | [\"x1\", \"x3\"]                         |"
            + " /model/inputs/x/columns/1",
        "\"units\": 8                   | \"units\": 0                             |"
            + " /model/network/layers/0/units",
        "\"units\": 1,                  | \"units\": 3,                            |"
            + " /model/network/layers/1/units",
        "\"seed\": 5                    | \"seed\": 5, \"early_stopping\": {\"monitor\":"
            + " \"val_loss\", \"patience\": 3} | /training/early_stopping/monitor",
        "\"seed\": 5                    | \"seed\": 5, \"monitor\": \"val_loss\"   |"
            + " /training/monitor",
        "\"seed\": 5                    | \"seed\": 5, \"publish\": \"best\"       |"
            + " /training/publish",
        "\"seed\": 5                    | \"sede\": 5                              |"
            + " /training/sede",
        "{\"model\"                     | {\"priority\": 101, \"model\"            | /priority",
        "{\"model\"                     | {\"resources\": {\"pool\": \"x\"}, \"model\"       |"
            + " /resources/pool",
        "{\"model\"                     | {\"resources\": {\"device\": \"cuda\"}, \"model\"  |"
            + " /resources/device",
        "{\"model\"                     | {\"on_success\": {\"alias\": \"latest\"}, \"model\" |"
            + " /on_success/alias",
        "{\"model\"                     | {\"on_success\": {\"alias\": \"a\", \"when\":"
            + " {\"val_loss\": {\"min\": 1}}}, \"model\" | /on_success/when/val_loss",
        "{\"model\"                     | {\"initial_weights\": {\"version\": 999}, \"model\" |"
            + " /initial_weights",
        "{\"model\"                     | {\"nonsense\": 1, \"model\"              | /nonsense",
        "\"dataset\": {\"name\": \"xor\"}, | ``                                    | /dataset",
      })
  void whatCannotRunIsRefusedWithItsPlace(String from, String to, String pointer) {
    Answer answer = http.post("/v1/jobs", body(from, to == null ? "" : to)).expect(422);
    assertThat(answer.pointers()).as(answer.text()).contains(pointer);
  }

  @Test
  void allFaultsComeAtOnce() {
    String faulty =
        body("\"epochs\": 20", "\"epochs\": 0")
            .replace("\"units\": 8", "\"units\": 0")
            .replace("{\"model\"", "{\"priority\": 999, \"model\"");
    assertThat(http.post("/v1/jobs", faulty).pointers())
        .contains("/training/epochs", "/model/network/layers/0/units", "/priority");
  }

  @Test
  void jobCanValidateOnTheRowsItTrainsOn() {
    http.train(
        body(
            "{\"name\": \"xor\"",
            "{\"validation_dataset\": {\"name\": \"xor\"}, \"name\": \"xor\""));
  }

  @Test
  void modelWithoutTargetsCannotBeTrained() {
    String raw =
        """
        {"model": {"name": "raw", "network": {"inputs": {"x": {"shape": [2]}},
                   "layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "mse", "epochs": 1, "optimizer": {"type": "sgd"}}}
        """;
    http.post("/v1/jobs", raw).expectProblem(422, "no_targets");
  }

  @Test
  void jobTooLargeForTheMachineIsRefused() {
    Answer answer = http.post("/v1/jobs", body("\"units\": 8", "\"units\": 2000000000"));
    assertThat(answer.expect(422).code()).isIn("too_much_memory", "invalid_body");
  }

  @Test
  void whatNeedsTooMuchMemoryIsNamedByItsPlace() {
    String wide =
        MODEL.replace("\"units\": 8", "\"units\": 10000000").replace("jobs-xor", "jobs-wide");
    String rows = "\"batch_size\": 2";
    http.upload("jobs-many", "x1,x2,y\n" + "0,1,1\n1,1,0\n".repeat(5_000));
    String batch = body(MODEL, wide).replace("\"xor\"", "\"jobs-many\"");
    assertTooMuchMemory(batch.replace(rows, "\"batch_size\": 10000"), "/training/batch_size");
    String deep =
        wide.replace("\"layers\": [", "\"layers\": [{\"type\": \"dense\", \"units\": 9999}, ");
    assertTooMuchMemory(body(MODEL, deep), "/model/network");
    http.put("/v1/models/jobs-wide", deep).expect(201);
    assertTooMuchMemory(body(MODEL, "\"jobs-wide\""), "/model");
  }

  /** Each of them was admitted at some megabytes and then asked for gigabytes, or for hours. */
  @Test
  void innerValuesThatNoMachineHoldsAreRefused() {
    String product =
        """
        {"type": "repeat", "name": "r", "n": 40000},
        {"type": "slice", "name": "a", "inputs": ["r"], "axis": 1, "end": 1},
        {"type": "permute", "name": "b", "inputs": ["a"], "axes": [1, 0]},
        {"type": "lambda", "inputs": ["a", "b"], "expression": "mean(a * b)"},
        """;
    assertTooMuchMemory(job(product), "/training/batch_size");
    String pool =
        """
        {"type": "reshape", "shape": [1, 2, 1]},
        {"type": "max_pool2d", "pool_size": 60001, "padding": "same"},
        {"type": "flatten"},
        """;
    assertTooMuchMemory(job(pool), "/training/batch_size");
  }

  @Test
  void aStepOfHoursIsRefusedWithBothNumbers() {
    String attention =
        """
        {"type": "repeat", "n": 100000},
        {"type": "dense", "units": 64},
        {"type": "multi_head_attention", "heads": 1, "key_dim": 64},
        {"type": "global_avg_pool"},
        """;
    Answer answer =
        http.post("/v1/jobs", job(attention).replace("\"batch_size\": 2", "\"batch_size\": 4"));

    assertThat(answer.expect(422).pointers()).containsExactly("/training/batch_size");
    assertThat(answer.text()).contains("1.5e+13 multiply-adds", "at most 1.0e+13", "at most 2");
    assertValidateAgrees(answer, job(attention).replace("\"batch_size\": 2", "\"batch_size\": 4"));
  }

  /** The job, with layers before the model's. */
  private String job(String layers) {
    return body("\"layers\": [", "\"layers\": [" + layers);
  }

  private void assertTooMuchMemory(String job, String pointer) {
    Answer answer = http.post("/v1/jobs", job).expectProblem(422, "too_much_memory");
    assertThat(answer.pointers()).containsExactly(pointer);
    if (!pointer.equals("/model")) {
      assertValidateAgrees(answer, job);
    }
  }

  /** Validation says what the submission of the same model, data and training says. */
  private void assertValidateAgrees(Answer refused, String job) {
    ObjectNode validation = (ObjectNode) JsonMapper.shared().readTree(job);
    validation.retain("model", "dataset", "training");
    JsonNode answer = http.post("/v1/models:validate", validation.toString()).expect(200).json();
    assertThat(answer.get("valid").booleanValue()).as(answer.toString()).isFalse();
    assertThat(answer.get("errors")).isEqualTo(Http.given(refused.json().get("errors")));
  }

  @Test
  void faultOfANamedModelIsPlacedAtItsName() {
    String model = MODEL.replace("jobs-xor", "jobs-named").replace("\"x2\"", "\"x9\"");
    http.put("/v1/models/jobs-named", model).expect(201);
    Answer answer = http.post("/v1/jobs", body(MODEL, "\"jobs-named\""));
    assertThat(answer.expect(422).pointers()).containsOnly("/model");
    assertThat(answer.text()).contains("x9", "/inputs/x/columns/1");
    assertThat(http.post("/v1/jobs", body(MODEL, "\"unknown\"")).pointers()).contains("/model");
  }
}
