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

  /** L-BFGS in float64 comes this close to the closed form. */
  private static final double TOLERANCE = 1e-5;

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
               "training": {"loss": "mse", "metrics": ["mse"], "epochs": 20, "batch_size": 100,
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
      assertThat(trial.at("/parameters").get(L2)).isEqualTo(expected.get(i).get("l2"));
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
                 "batch_size": 16, "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.1}},
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
