package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.Shape;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A version is evaluated on any dataset, and permuted columns show what it reads. */
@ServiceTest
@Timeout(120)
class VersionEvaluationHttpTest {
  @Autowired private Http http;

  private static String model(String name) {
    return """
    {"name": "%s", "inputs": {"x": {"columns": ["a", "b", "c"]}},
     "targets": {"y": {"column": "y"}},
     "network": {"layers": [{"type": "dense", "name": "d", "units": 1}]}}
    """
        .formatted(name);
  }

  /** A linear model whose weights are known, and the rows of the golden file as a dataset. */
  private JsonNode imported(String name) {
    JsonNode golden = Golden.read("importance.json");
    StringBuilder csv = new StringBuilder("a,b,c,y\n");
    for (JsonNode row : golden.get("rows")) {
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%s,%s%n",
              row.get(0).doubleValue(),
              row.get(1).doubleValue(),
              row.get(2).doubleValue(),
              row.get(3).doubleValue()));
    }
    http.upload(name, csv.toString());
    JsonNode weights = golden.get("weights");
    http.importVersion(
        name,
        model(name),
        new Weights()
            .with(
                "d.weight",
                Shape.of(1, 3),
                weights.get(0).floatValue(),
                weights.get(1).floatValue(),
                weights.get(2).floatValue())
            .with("d.bias", Shape.of(1), golden.get("bias").floatValue()));
    return golden;
  }

  private Http.Answer evaluate(String model, String body) {
    return http.post("/v1/models/" + model + "/versions/1/evaluation", body);
  }

  @Test
  void permutedColumnsHaveTheImportanceOfScikitLearn() {
    JsonNode golden = imported("importance");
    String body =
        """
        {"dataset": {"name": "importance"}, "metrics": ["mse", "r2"],
         "permutation_importance": {"repeats": 100, "seed": 1}}
        """;
    JsonNode json = evaluate("importance", body).expect(200).json();

    assertThat(json.get("part").stringValue()).isEqualTo("all");
    assertThat(json.get("rows").intValue()).isEqualTo(200);
    double loss = golden.get("loss").doubleValue();
    // Nobody knows what an imported version was trained with.
    assertThat(json.at("/metrics/loss").isNull()).isTrue();
    assertThat(json.at("/metric_notes/loss").stringValue()).contains("no training");
    assertThat(json.at("/worst_rows/0").propertyNames()).containsExactly("row", "error");
    assertThat(json.at("/permutation_importance/metric").stringValue()).isEqualTo("error");
    assertThat(json.at("/metrics/mse").doubleValue()).isCloseTo(loss, within(1e-5));
    assertThat(json.at("/metrics").propertyNames()).containsExactly("loss", "mse", "r2");
    JsonNode columns = json.at("/permutation_importance/columns");
    assertThat(columns.propertyNames()).containsExactly("a", "b", "c");
    JsonNode importances = golden.get("importances");
    String[] names = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
      double wanted = importances.get(i).doubleValue();
      // The means of 100 and of 300 other permutations.
      assertThat(columns.get(names[i]).get("mean").doubleValue())
          .as(names[i])
          .isCloseTo(wanted, within(0.05 * wanted + 1e-6));
    }
    assertThat(columns.at("/a/std").doubleValue()).isPositive();
    assertThat(evaluate("importance", body).json()).isEqualTo(json);

    JsonNode one =
        evaluate("importance", body.replace("\"seed\": 1", "\"seed\": 1, \"columns\": [\"b\"]"))
            .json();
    assertThat(one.at("/permutation_importance/columns/b")).isEqualTo(Http.given(columns.get("b")));
    assertThat(one.at("/permutation_importance/columns")).hasSize(1);
  }

  private static String job(String name, int units, String loss, String metrics) {
    return """
    {"model": {"name": "%1$s", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"y": {"column": "y"}},
               "network": {"layers": [{"type": "dense", "units": %4$d}]}},
     "dataset": {"name": "%1$s", "split": {"validation": 0.2, "test": 0.2}},
     "training": {"loss": %2$s, "metrics": %3$s, "epochs": 2, "optimizer": "adam", "seed": 1}}
    """
        .formatted(name, loss, metrics, units);
  }

  private JsonNode predicted(String name) {
    String location =
        http.post(
                "/v1/batch-predictions",
                "{\"model\": \"%1$s\", \"dataset\": {\"name\": \"%1$s\"}, \"result\": {\"dataset\": \"%1$s-out\"}}"
                    .formatted(name))
            .expect(202)
            .header("Location");
    return http.await(location);
  }

  /** A log variance beside each mean is no number that a target has. */
  @Test
  void aVersionOfMeansAndVariancesIsComparedByItsMeans() {
    http.upload("spread", "a,y\n" + "1,2\n2,3\n3,5\n4,4\n5,7\n".repeat(8));
    JsonNode trained = http.train(job("spread", 2, "\"gaussian_nll\"", "[\"mae\"]"));
    assertThat(trained.get("state").stringValue()).isEqualTo("succeeded");

    JsonNode json = evaluate("spread", "{\"dataset\": {\"name\": \"spread\"}}").expect(200).json();
    double mse = json.at("/metrics/mse").doubleValue();
    assertThat(json.at("/metrics/loss").doubleValue()).isNotCloseTo(mse, within(1.0));

    JsonNode job = predicted("spread");
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("succeeded");
    assertThat(job.at("/metrics/mse").doubleValue()).isCloseTo(mse, within(1e-6 * mse));
  }

  /** Only the expression knows how to compare three outputs with one number. */
  @Test
  void anOutputOfAnotherShapeThanItsTargetIsNotMeasured() {
    http.upload("threes", "a,y\n" + "1,2\n2,3\n3,5\n4,4\n5,7\n".repeat(8));
    String loss =
        """
        {"type": "expression",
         "expression": "mean(y_pred[1] + y_pred[2] ^ 2 + (y_true - y_pred[0]) ^ 2 * exp(-y_pred[1]))"}
        """;
    JsonNode errors =
        http.post("/v1/jobs", job("threes", 3, loss, "[\"mae\"]"))
            .expectProblem(422, "invalid_body")
            .json()
            .get("errors");
    assertThat(errors.get(0).get("pointer").stringValue()).isEqualTo("/training/metrics/0");
    assertThat(errors.get(0).get("detail").stringValue())
        .contains("target 'y' has [1] per row", "gives [3]", "expression");

    JsonNode trained = http.train(job("threes", 3, loss, "[]"));
    assertThat(trained.get("state").stringValue()).as("%s", trained).isEqualTo("succeeded");
    JsonNode json = evaluate("threes", "{\"dataset\": {\"name\": \"threes\"}}").expect(200).json();
    assertThat(json.get("metrics").propertyNames()).containsExactly("loss");
    evaluate("threes", "{\"dataset\": {\"name\": \"threes\"}, \"metrics\": [\"mae\"]}")
        .expectFault("/metrics/0", "mae");
    JsonNode job = predicted("threes");
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("succeeded");
    assertThat(job.at("/metrics/loss")).isEqualTo(json.at("/metrics/loss"));
  }

  @Test
  void theRowsOfAJobsTestPartGiveItsEvaluation() {
    StringBuilder csv = new StringBuilder("colour,t,size,kind,n\n");
    for (int i = 0; i < 60; i++) {
      String colour = i % 3 == 0 ? "red" : i % 3 == 1 ? "green" : "blue";
      String kind = i % 3 == 0 ? "x" : i % 7 < 4 ? "y" : "z";
      csv.append("%s,%d,%s,%s,%d%n".formatted(colour, i % 7, i % 11, kind, i));
    }
    http.upload("kinds", csv.toString());
    JsonNode job =
        http.train(
            """
            {"model": {"name": "kinds",
               "inputs": {"x": {"columns": ["t", "colour", "size"], "scale": "standard"}},
               "targets": {"kind": {"column": "kind"}, "size": {"column": "size", "scale": "standard"}},
               "network": {"layers": [
                 {"type": "dense", "name": "h", "units": 8, "activation": "tanh"},
                 {"type": "dense", "name": "kind", "units": 3, "inputs": ["h"]},
                 {"type": "dense", "name": "size", "units": 1, "inputs": ["h"]}],
                "outputs": ["kind", "size"]}},
             "dataset": {"name": "kinds", "split": {"test": 0.4, "by": "file_order"}},
             "training": {"losses": {"kind": {"type": "categorical_crossentropy", "from_logits": true},
                                     "size": "mse"}, "epochs": 40, "batch_size": 8, "seed": 2,
               "metrics": {"kind": ["accuracy", "auc"], "size": ["rmse"]}}}
            """);
    JsonNode stored =
        http.get("/v1/jobs/" + job.get("id").stringValue() + "/evaluation").expect(200).json();
    JsonNode json =
        evaluate(
                "kinds",
                """
                {"dataset": {"name": "kinds", "where": "n >= 36"},
                 "metrics": {"kind": ["accuracy", "auc"], "size": ["rmse"]},
                 "permutation_importance": {}}
                """)
            .expect(200)
            .json();

    assertThat(json.get("confusion")).isEqualTo(Http.given(stored.get("confusion")));
    assertThat(json.get("per_class")).isEqualTo(Http.given(stored.get("per_class")));
    for (String metric : new String[] {"loss", "kind_accuracy", "kind_auc", "size_rmse"}) {
      assertThat(json.at("/metrics/" + metric).doubleValue())
          .as(metric)
          .isCloseTo(stored.at("/metrics/" + metric).doubleValue(), within(1e-5));
    }
    for (int i = 0; i < 5; i++) {
      JsonNode worst = json.at("/worst_rows/" + i);
      JsonNode known = stored.at("/worst_rows/" + i);
      assertThat(worst.get("row").intValue()).isEqualTo(known.get("row").intValue() - 36);
      assertThat(worst.get("loss").doubleValue())
          .isCloseTo(known.get("loss").doubleValue(), within(1e-4));
    }
    JsonNode columns = json.at("/permutation_importance/columns");
    assertThat(columns.propertyNames()).containsExactlyInAnyOrder("t", "colour", "size");
    // The class is decided by the colour most of all; the number is one of the inputs.
    assertThat(columns.at("/colour/mean").doubleValue()).isPositive();
    assertThat(columns.at("/size/mean").doubleValue()).isPositive();
  }

  @Test
  void aWindowedModelIsEvaluatedAndItsColumnsMoveAsAWhole() {
    StringBuilder csv = new StringBuilder("a,b,y\n");
    for (int i = 0; i < 40; i++) {
      csv.append("%d,%d,%d%n".formatted(i * 7 % 11, i * 5 % 13, i * 7 % 11));
    }
    http.upload("steps-in", csv.toString());
    String model =
        """
        {"name": "steps-in", "inputs": {"x": {"columns": ["a", "b"], "window": 2}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "flatten"}, {"type": "dense", "name": "d", "units": 1}]}}
        """;
    // The answer is the last a.
    http.importVersion(
        "steps-in",
        model,
        new Weights().with("d.weight", Shape.of(1, 4), 0, 0, 1, 0).with("d.bias", Shape.of(1), 0));
    JsonNode json =
        evaluate(
                "steps-in",
                "{\"dataset\": {\"name\": \"steps-in\"}, \"permutation_importance\": {}}")
            .expect(200)
            .json();
    assertThat(json.get("rows").intValue()).isEqualTo(39);
    assertThat(json.at("/metrics/mse").doubleValue()).isZero();
    assertThat(json.at("/regression/y/points/0/row").intValue()).isEqualTo(2);
    JsonNode columns = json.at("/permutation_importance/columns");
    assertThat(columns.at("/a/mean").doubleValue()).isGreaterThan(5);
    assertThat(columns.at("/b/mean").doubleValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | /dataset | 'dataset' is required",
        "{\"dataset\": {\"name\": \"nothing-here\"}} | /dataset/name | nothing-here",
        "{\"dataset\": {\"name\": \"refused-evaluation\", \"split\": {\"test\": 0.5}}} | /dataset/split | for"
            + " training",
        "{\"dataset\": {\"name\": \"refused-evaluation\", \"where\": \"a >\"}} | /dataset/where | ",
        "{\"dataset\": {\"name\": \"refused-evaluation\"}, \"metrics\": [\"accuracy\"]} | /metrics/0 | fits"
            + " none",
        "{\"dataset\": {\"name\": \"refused-evaluation\"}, \"metrics\": {\"z\": [\"mse\"]}} | /metrics/z | the"
            + " targets are [y]",
        "{\"dataset\": {\"name\": \"refused-evaluation\"}, \"metrics\": [\"msee\"]} | /metrics/0 | ",
        "{\"dataset\": {\"name\": \"refused-evaluation\"}, \"permutation_importance\": {\"repeats\": 0}} |"
            + " /permutation_importance/repeats | ",
        "{\"dataset\": {\"name\": \"refused-evaluation\"}, \"permutation_importance\": {\"columns\": [\"a\","
            + " \"y\"]}} | /permutation_importance/columns/1 | they read [a, b, c]",
        "{\"dataset\": {\"name\": \"refused-evaluation\"}, \"loss\": \"mse\"} | /loss | ",
      })
  void aFaultHasItsPlace(String body, String pointer, String detail) {
    imported("refused-evaluation");
    evaluate("refused-evaluation", body).expectFault(pointer, detail == null ? "" : detail);
  }

  @Test
  void aDatasetWithoutTheColumnsIsRefused() {
    imported("columns");
    http.upload("other-columns", "a,b\n1,2\n");
    evaluate("columns", "{\"dataset\": {\"name\": \"other-columns\"}}")
        .expectFault("/dataset", "There is no column 'c'");
    http.get("/v1/models/columns/versions/2").expect(404);
    http.post("/v1/models/columns/versions/2/evaluation", "{\"dataset\": {\"name\": \"columns\"}}")
        .expectProblem(404, "version_not_found");
  }
}
