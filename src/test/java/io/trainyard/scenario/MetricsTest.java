package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The metrics of the test rows are those that a caller computes from the answers for them. */
@ScenarioTest
@Timeout(120)
class MetricsTest {
  private static final int ROWS = 60;
  private static final int TESTED = 20;

  @Autowired private Http http;

  @Test
  void metricsOfTwoClassesAreThoseOfTheAnswers() {
    http.upload("risks", csv());
    JsonNode done =
        http.train(
            """
            {"model": {"name": "risks", "inputs": {"x": {"columns": ["a", "b"], "scale": "standard"}},
               "targets": {"ill": {"column": "ill"}},
               "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
             "dataset": {"name": "risks",
                         "split": {"validation": 0.3333, "test": 0.3333, "by": "file_order"}},
             "training": {"loss": "binary_crossentropy", "epochs": 25, "batch_size": 8, "seed": 3,
               "metrics": ["f1", "auc", "balanced_accuracy",
                 {"type": "precision", "average": "macro", "name": "both"},
                 {"type": "expression", "name": "cost", "mode": "min",
                  "expression": "where(y_true, 5 * (y_pred < 0.5), y_pred >= 0.5)"}],
               "monitor": "val_cost", "publish": "best"},
             "on_success": {"alias": "production", "when": {"val_auc": {"min": 0.6}}}}
            """);

    JsonNode metrics = done.get("metrics");
    assertThat(metrics.propertyNames())
        .contains("f1", "val_auc", "test_balanced_accuracy", "both", "val_cost", "test_cost");
    assertThat(done.at("/result/alias/moved").booleanValue()).isTrue();
    List<Double> yes = new ArrayList<>();
    for (JsonNode answer : answers("risks")) {
      yes.add(answer.at("/probabilities/true").doubleValue());
    }
    assertClose(metrics, "test_f1", f1(yes));
    assertClose(metrics, "test_auc", auc(yes));
    assertClose(metrics, "test_cost", cost(yes));
    assertThat(done.at("/best/val_cost").doubleValue())
        .isLessThanOrEqualTo(metrics.get("val_cost").doubleValue());
  }

  @Test
  void metricsOfANumberAreInItsOwnUnits() {
    http.upload("prices", csv());
    JsonNode done =
        http.train(
            """
            {"model": {"name": "prices", "inputs": {"x": {"columns": ["a", "b"], "scale": "standard"}},
               "targets": {"price": {"column": "price", "scale": "standard"}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
             "dataset": {"name": "prices", "split": {"test": 0.3333, "by": "file_order"}},
             "training": {"loss": "mse", "epochs": 5, "batch_size": 8, "seed": 3,
               "metrics": ["mae", "mape",
                 {"type": "expression", "name": "worst", "expression": "(y_true - y_pred)^4"}]}}
            """);

    double absolute = 0;
    double percent = 0;
    double fourth = 0;
    int row = ROWS - TESTED;
    for (JsonNode answer : answers("prices")) {
      double error = Math.abs(answer.get("price").doubleValue() - price(row));
      absolute += error / TESTED;
      percent += 100 * error / price(row) / TESTED;
      fourth += Math.pow(error, 4) / TESTED;
      row++;
    }
    JsonNode metrics = done.get("metrics");
    assertClose(metrics, "test_mae", absolute);
    assertClose(metrics, "test_mape", percent);
    assertClose(metrics, "test_worst", fourth);
  }

  /** The list's metrics go to the targets that they fit. */
  @Test
  void aListIsSharedByTargetsOfDifferentTypes() {
    http.upload("both", csv());
    JsonNode done =
        http.train(
            """
            {"model": {"name": "both", "inputs": {"x": {"columns": ["a", "b"]}},
               "targets": {"ill": {"column": "ill"}, "price": {"column": "price"}},
               "network": {"layers": [
                 {"type": "dense", "name": "ill", "units": 1, "activation": "sigmoid", "inputs": ["x"]},
                 {"type": "dense", "name": "price", "units": 1, "inputs": ["x"]}],
                 "outputs": ["ill", "price"]}},
             "dataset": {"name": "both"},
             "training": {"losses": {"ill": "binary_crossentropy", "price": "mse"}, "epochs": 1,
                          "metrics": ["f1", "rmse"]}}
            """);
    assertThat(done.get("metrics").propertyNames())
        .contains("ill_f1", "price_rmse")
        .doesNotContain("price_f1", "ill_rmse", "f1");
  }

  private static void assertClose(JsonNode metrics, String name, double expected) {
    assertThat(metrics.get(name).doubleValue())
        .as(name)
        .isCloseTo(expected, within(1e-4 * Math.max(1, Math.abs(expected))));
  }

  private static double f1(List<Double> yes) {
    double hits = 0;
    double decidedOrIll = 0;
    for (int i = 0; i < TESTED; i++) {
      boolean ill = ill(ROWS - TESTED + i);
      boolean decided = yes.get(i) >= 0.5;
      hits += ill && decided ? 1 : 0;
      decidedOrIll += (ill ? 0.5 : 0) + (decided ? 0.5 : 0);
    }
    return hits / decidedOrIll;
  }

  private static double auc(List<Double> yes) {
    double ordered = 0;
    double pairs = 0;
    for (int i = 0; i < TESTED; i++) {
      for (int j = 0; j < TESTED; j++) {
        if (ill(ROWS - TESTED + i) && !ill(ROWS - TESTED + j)) {
          pairs++;
          ordered += yes.get(i) > yes.get(j) ? 1 : yes.get(i).equals(yes.get(j)) ? 0.5 : 0;
        }
      }
    }
    return ordered / pairs;
  }

  private static double cost(List<Double> yes) {
    double cost = 0;
    for (int i = 0; i < TESTED; i++) {
      boolean decided = yes.get(i) >= 0.5;
      cost += ill(ROWS - TESTED + i) ? (decided ? 0 : 5) : decided ? 1 : 0;
    }
    return cost / TESTED;
  }

  /** The answers for the test rows, in their order. */
  private JsonNode answers(String model) {
    List<String> rows = new ArrayList<>();
    for (int row = ROWS - TESTED; row < ROWS; row++) {
      rows.add("{\"a\": %s, \"b\": %s}".formatted(a(row), b(row)));
    }
    return http.post(
            "/v1/models/" + model + "/versions/1/predict",
            "{\"instances\": [" + String.join(",", rows) + "]}")
        .expect(200)
        .json()
        .get("predictions");
  }

  private static String csv() {
    StringBuilder csv = new StringBuilder("a,b,ill,price\n");
    for (int row = 0; row < ROWS; row++) {
      csv.append("%s,%s,%s,%s%n".formatted(a(row), b(row), ill(row), price(row)));
    }
    return csv.toString();
  }

  private static int a(int row) {
    return row * 37 % 23;
  }

  private static int b(int row) {
    return row * 13 % 17;
  }

  private static boolean ill(int row) {
    return a(row) + row % 5 * 3 > 14;
  }

  private static int price(int row) {
    return 200 + 10 * a(row) - 3 * b(row) + row % 7;
  }
}
