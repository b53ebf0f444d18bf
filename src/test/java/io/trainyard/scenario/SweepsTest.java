package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Searches over parameters that a caller relies on. */
@ScenarioTest
@Timeout(120)
class SweepsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/sweeps.json");
  private static final String L2 = "/model/network/layers/0/regularizer/l2";
  private static final String UNITS = "/model/network/layers/0/units";

  @Autowired private Http http;

  /**
   * L-BFGS ends where a step promises less than 1e-9 of the loss, about √1e-9 = 3e-5 from the
   * minimum in weights; the error on other rows changes by as much, from any initial weights.
   */
  private static final double TOLERANCE = 1e-4;

  @Test
  void aLinearNetIsRankedAsTheRidgeRegressionThatItIs() throws Exception {
    JsonNode golden = new JsonMapper().readTree(Files.readAllBytes(GOLDEN));
    http.upload("ridge", golden.get("csv").stringValue());
    List<JsonNode> trials = List.copyOf(golden.get("trials").values());
    String penalties = String.join(", ", trials.stream().map(t -> t.get("l2").toString()).toList());
    JsonNode sweep =
        sweep(
            """
            {"parameters": {"%s": [%s]}, "cross_validation": 5, "objective": "val_mse",
             "job": {"model": {"name": "ridge", "inputs": {"x": {"columns": ["x0", "x1", "x2", "x3", "x4"]}},
                 "targets": {"y": {"column": "y"}},
                 "network": {"layers": [{"type": "dense", "name": "fc", "units": 1, "regularizer": {"l2": 0}}]}},
               "dataset": {"name": "ridge", "split": {"by": "file_order"}},
               "training": {"loss": "mse", "metrics": ["mse"], "epochs": 60, "batch_size": 100,
                 "precision": "float64", "publish": "last",
                 "optimizer": {"type": "lbfgs", "line_search": "strong_wolfe"}}}}
            """
                .formatted(L2, penalties));
    List<JsonNode> expected =
        trials.stream()
            .sorted(Comparator.comparingDouble(trial -> trial.get("mean").doubleValue()))
            .toList();
    for (int i = 0; i < expected.size(); i++) {
      JsonNode trial = sweep.at("/trials/" + i);
      assertThat(trial.at("/parameters").get(L2)).isEqualTo(Http.given(expected.get(i).get("l2")));
      assertClose(trial.get("mean"), expected.get(i).get("mean"));
      assertClose(trial.get("std"), expected.get(i).get("std"));
      for (int fold = 0; fold < 5; fold++) {
        assertClose(trial.get("folds").get(fold), expected.get(i).get("folds").get(fold));
      }
    }
    JsonNode weights = http.job("/v1/models/ridge/versions/latest/weights/fc.weight");
    for (int i = 0; i < 5; i++) {
      assertThat(weights.at("/values/0/" + i).doubleValue())
          .isCloseTo(golden.get("weights").get(i).doubleValue(), within(1e-4));
    }
  }

  private static void assertClose(JsonNode found, JsonNode expected) {
    double value = expected.doubleValue();
    assertThat(found.doubleValue()).isCloseTo(value, within(TOLERANCE * value));
  }

  private JsonNode sweep(String body) {
    JsonNode sweep = http.await(http.post("/v1/sweeps", body).expect(202).location());
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    return sweep;
  }

  /** The last phase is compared, and the refit trains all epochs of all phases. */
  @Test
  void aJobInPhasesIsSweptAndRefitted() {
    http.post("/v1/samples/iris", "");
    JsonNode sweep =
        sweep(
            """
            {"parameters": {"%s": [2, 6], "/training/phases/1/epochs": [3, 5]}, "cross_validation": 3,
             "objective": "val_accuracy",
             "job": {"model": {"name": "phased", "inputs": {"x": {"columns": ["sepal_length", "sepal_width",
                 "petal_length", "petal_width"], "scale": "standard"}},
                 "targets": {"species": {"column": "species"}},
                 "network": {"layers": [{"type": "dense", "units": 4, "activation": "tanh"},
                                        {"type": "dense", "units": 3, "activation": "softmax"}]}},
               "dataset": {"name": "iris", "split": {"test": 0.2}},
               "training": {"loss": "categorical_crossentropy", "batch_size": 16, "seed": 1, "repeat_phases": 2,
                 "optimizer": {"type": "adam", "learning_rate": 0.05},
                 "phases": [{"name": "head", "train": ["dense_2"], "epochs": 4,
                   "learning_rate_schedule": {"type": "cosine", "warmup_epochs": 1}},
                   {"name": "all", "train": ["dense_1", "dense_2"], "epochs": 4,
                    "early_stopping": {"patience": 3}, "metrics": ["accuracy"]}]}}}
            """
                .formatted(UNITS));
    assertThat(sweep.at("/trials")).hasSize(4);
    assertThat(sweep.at("/best/mean").doubleValue()).isGreaterThan(0.8);
    assertThat(sweep.at("/request/training_memory_bytes").longValue()).isPositive();
    int last = sweep.at("/best/parameters").get("/training/phases/1/epochs").intValue();
    String id = sweep.get("id").stringValue();
    JsonNode refit =
        http.job("/v1/jobs?sweep=" + id + "&page_size=100")
            .get("jobs")
            .valueStream()
            .filter(job -> job.get("result").isObject())
            .findFirst()
            .orElseThrow();
    assertThat(refit.at("/metrics/epoch").intValue()).isEqualTo(2 * (4 + last));
    assertThat(refit.at("/metrics/phase").stringValue()).isEqualTo("all");
    assertThat(refit.at("/metrics").has("test_accuracy")).isTrue();
    assertThat(sweep.at("/result/version").intValue()).isEqualTo(1);
    String trial = "/v1/jobs/" + sweep.at("/trials/0/jobs/0").stringValue();
    http.get(trial + "/plots/weights").expectProblem(404, "version_not_found");
    http.get(trial + "/plots/curves").expect(200);
  }

  /** One hidden neuron draws one line, which cannot bound a disc. */
  @Test
  void howManyHiddenNeurons() {
    SplittableRandom random = new SplittableRandom(4);
    StringBuilder csv = new StringBuilder("x1,x2,y\n");
    for (int row = 0; row < 150; row++) {
      double x1 = random.nextDouble(-1, 1);
      double x2 = random.nextDouble(-1, 1);
      csv.append(x1).append(',').append(x2).append(',');
      csv.append(x1 * x1 + x2 * x2 < 0.5 ? "inside" : "outside").append('\n');
    }
    http.upload("disc", csv.toString());
    JsonNode sweep =
        sweep(
            """
            {"parameters": {"%s": [1, 2, 8]}, "cross_validation": 5, "objective": "val_accuracy",
             "job": {"model": {"name": "disc", "inputs": {"x": {"columns": ["x1", "x2"]}},
                 "targets": {"y": {"column": "y"}},
                 "network": {"layers": [{"type": "dense", "units": 2, "activation": "sigmoid"},
                                        {"type": "dense", "units": 1, "activation": "sigmoid"}]}},
               "dataset": {"name": "disc", "split": {"test": 0.2, "stratify": "y"}},
               "training": {"loss": "binary_crossentropy", "metrics": ["accuracy"], "epochs": 60,
                 "batch_size": 16, "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.1},
                 "learning_rate_schedule": {"type": "constant", "warmup_epochs": 2}},
               "on_success": {"alias": "production", "when": {"test_accuracy": {"min": 0.8}}}}}
            """
                .formatted(UNITS));
    assertThat(sweep.at("/best/parameters").get(UNITS).intValue()).isEqualTo(8);
    assertThat(sweep.at("/trials/2/parameters").get(UNITS).intValue()).isEqualTo(1);
    assertThat(sweep.at("/best/mean").doubleValue()).isGreaterThan(0.85);
    assertThat(sweep.at("/result/alias/moved").booleanValue()).as(sweep.toString()).isTrue();
    JsonNode answer =
        http.post(
                "/v1/models/disc/predict",
                "{\"instances\": [{\"x1\": 0, \"x2\": 0}, {\"x1\": 0.9, \"x2\": -0.9}]}")
            .expect(200)
            .json();
    assertThat(answer.at("/predictions/0/y").stringValue()).isEqualTo("inside");
    assertThat(answer.at("/predictions/1/y").stringValue()).isEqualTo("outside");
  }
}
