package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The positive class and the threshold of a target decide labels and metrics on every route. */
@ServiceTest
@Timeout(120)
class DecisionsHttpTest {
  private static final String MODEL =
      """
      {"name": "%s", "inputs": {"x": {"columns": ["a"]}},
       "targets": {"churn": {"column": "churn", "type": "class", "classes": ["no", "yes"]%s}},
       "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "activation": "sigmoid"}]}}
      """;

  /** p(yes) is 0.5, 0.731…, 0.269… and 0.119…. */
  private static final String INSTANCES =
      "{\"instances\": [{\"a\": 0}, {\"a\": 1}, {\"a\": -1}, {\"a\": -2}]%s}";

  @Autowired private Http http;

  private void imported(String name, String rule) {
    http.importVersion(
        name,
        MODEL.formatted(name, rule),
        new Weights().with("d.weight", Shape.of(1, 1), 1).with("d.bias", Shape.of(1), 0));
  }

  private JsonNode predict(String model, String more) {
    return http.post("/v1/models/" + model + "/predict", INSTANCES.formatted(more))
        .expect(200)
        .json();
  }

  private static List<String> labels(JsonNode answer) {
    List<String> labels = new ArrayList<>();
    answer.get("predictions").forEach(each -> labels.add(each.get("churn").stringValue()));
    return labels;
  }

  @Test
  void theDefaultIsTheSecondClassFromOneHalfOn() {
    imported("decided", "");
    JsonNode answer = predict("decided", "");
    assertThat(labels(answer)).containsExactly("yes", "yes", "no", "no");
    assertThat(answer.at("/decisions/churn").toString())
        .isEqualTo("{\"positive\":\"yes\",\"threshold\":0.5}");
    assertThat(http.get("/v1/models/decided/versions/1").json().at("/decisions/churn").toString())
        .isEqualTo("{\"positive\":\"yes\",\"threshold\":0.5}");
  }

  @Test
  void anotherPositiveClassAndThresholdDecide() {
    imported("decided-no", ", \"positive\": \"no\", \"threshold\": 0.7");
    JsonNode answer = predict("decided-no", "");
    // p(no) is 0.5, 0.269, 0.731 and 0.881.
    assertThat(labels(answer)).containsExactly("yes", "yes", "no", "no");
    assertThat(labels(predict("decided-no", ", \"threshold\": 0.8")))
        .containsExactly("yes", "yes", "yes", "no");
    assertThat(answer.at("/decisions/churn").toString())
        .isEqualTo("{\"positive\":\"no\",\"threshold\":0.7}");
    assertThat(answer.at("/predictions/0/probabilities/no").floatValue()).isEqualTo(0.5f);
  }

  @Test
  void aRequestDecidesAtItsOwnThreshold() {
    imported("asked", "");
    for (String threshold : List.of("0.2", "{\"churn\": 0.2}")) {
      JsonNode answer = predict("asked", ", \"threshold\": " + threshold);
      assertThat(labels(answer)).containsExactly("yes", "yes", "yes", "no");
      assertThat(answer.at("/decisions/churn/threshold").doubleValue()).isEqualTo(0.2);
    }
    assertThat(labels(predict("asked", ", \"threshold\": null")))
        .containsExactly("yes", "yes", "no", "no");
    JsonNode columns =
        http.post("/v1/models/asked:predict", "{\"inputs\": {\"a\": [0, -1]}, \"threshold\": 0.2}")
            .expect(200)
            .json();
    assertThat(columns.at("/outputs/churn").toString()).isEqualTo("[[\"yes\"],[\"yes\"]]");
    assertThat(columns.at("/decisions/churn/threshold").doubleValue()).isEqualTo(0.2);
    JsonNode inferred =
        http.post(
                "/v2/models/asked/infer",
                """
                {"parameters": {"threshold": 0.2}, "inputs": [
                  {"name": "a", "datatype": "FP32", "shape": [2], "data": [0, -1]}]}
                """)
            .expect(200)
            .json();
    assertThat(inferred.at("/outputs/0/data").toString()).isEqualTo("[\"yes\",\"yes\"]");
    assertThat(inferred.at("/outputs/0/parameters").toString())
        .isEqualTo("{\"positive\":\"yes\",\"threshold\":0.2}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1.5 | /threshold | A probability from 0 to 1 was expected, got 1.5",
        "\"0.5\" | /threshold | A probability from 0 to 1 was expected",
        "{\"chorn\": 0.5} | /threshold/chorn | There is no target 'chorn'; those with two are churn",
      })
  void aThresholdThatDecidesNothingIsRefused(String threshold, String pointer, String detail) {
    imported("refusing", "");
    http.post("/v1/models/refusing/predict", INSTANCES.formatted(", \"threshold\": " + threshold))
        .expectFault(pointer, detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"positive\": \"maybe\" | /positive | One of the classes [no, yes] was expected",
        "\"threshold\": 1.5 | /threshold | A probability from 0 to 1 was expected, got 1.5",
        "\"threshold\": \"f1\" | /threshold | A number was expected, or {\"best\": \"f1\"}",
        "\"threshold\": {\"best\": \"auc\"} | /threshold/best | one of [accuracy, balanced_accuracy",
        "\"threshold\": {\"best\": \"f1\"} | /threshold | is chosen on validation rows, but there",
        "\"threshold\": {} | /threshold/best | 'best' is required",
      })
  void aRuleThatCannotDecideIsRefused(String member, String place, String detail) {
    upload("rules", 12);
    String job = job(MODEL.formatted("rules", ", " + member), "rules", "\"test\": 0.25", "");
    http.post("/v1/jobs", job).expectFault("/model/targets/churn" + place, detail);
    assertThat(http.post("/v1/models:validate", job).json().at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/targets/churn" + place);
  }

  @Test
  void numbersAndThreeClassesHaveNoRule() {
    http.upload("three", "a,kind,n\n1,x,1\n2,y,2\n3,z,3\n4,x,4\n");
    String body =
        """
        {"model": {"name": "three", "inputs": {"x": {"columns": ["a"]}},
           "targets": {"t": {"column": "%s", "threshold": 0.3, "positive": "x"}},
           "network": {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}},
         "dataset": {"name": "three"}}
        """;
    http.post("/v1/models:validate", body.formatted("kind"));
    JsonNode three = http.post("/v1/models:validate", body.formatted("kind")).json();
    assertThat(three.get("errors").toString())
        .contains(
            "/model/targets/t/positive", "/model/targets/t/threshold", "there are 3: x, y, z");
    JsonNode numbers = http.post("/v1/models:validate", body.formatted("n")).json();
    assertThat(numbers.get("errors").toString())
        .contains("/model/targets/t/positive", "/model/targets/t/threshold", "makes a column's");
  }

  private void upload(String name, int rows) {
    StringBuilder csv = new StringBuilder("a,churn\n");
    for (int i = 0; i < rows; i++) {
      // One of four churns, and not only those with the largest values.
      csv.append(
          String.format(
              Locale.ROOT,
              "%.2f,%s%n",
              (i * 7 % 20) / 10.0 - 1,
              i * 7 % 20 > 12 && i % 3 > 0 ? "yes" : "no"));
    }
    http.upload(name, csv.toString());
  }

  private static String job(String model, String dataset, String split, String more) {
    return """
    {"model": %s, "dataset": {"name": "%s", "split": {%s}},
     "training": {"loss": "binary_crossentropy", "epochs": 5, "seed": 1,
       "optimizer": {"type": "sgd", "learning_rate": 0.5},
       "metrics": ["f1", "precision", "recall", "accuracy", "pr_auc"]%s}}
    """
        .formatted(model, dataset, split, more);
  }

  @Test
  void theBestThresholdIsChosenStoredAndUsedEverywhere() {
    upload("best", 200);
    String model = MODEL.formatted("best", ", \"threshold\": {\"best\": \"f1\"}");
    JsonNode done = http.train(job(model, "best", "\"validation\": 0.3, \"test\": 0.3", ""));
    JsonNode rule = done.at("/best/decisions/churn");
    double threshold = rule.get("threshold").doubleValue();
    assertThat(rule.get("positive").stringValue()).isEqualTo("yes");
    assertThat(rule.get("best").stringValue()).isEqualTo("f1");
    assertThat(threshold).isGreaterThan(0).isLessThan(0.5);
    // While it trained it decided at one half, where nothing is positive.
    JsonNode last =
        http.get("/v1/jobs/" + done.get("id").stringValue() + "/metrics").json().at("/epochs/4");
    assertThat(done.at("/best/epoch").intValue()).isEqualTo(5);
    assertThat(done.at("/best/val_f1").doubleValue())
        .isGreaterThan(last.get("val_f1").doubleValue());
    assertThat(done.at("/best/val_loss")).isEqualTo(last.get("val_loss"));
    assertThat(done.at("/best/val_pr_auc")).isEqualTo(last.get("val_pr_auc"));

    JsonNode version = http.get("/v1/models/best/versions/1").json();
    assertThat(version.at("/decisions/churn")).isEqualTo(rule);
    assertThat(version.at("/encoding/targets/churn/threshold").doubleValue()).isEqualTo(threshold);
    assertThat(version.at("/metrics/val_f1")).isEqualTo(done.at("/best/val_f1"));
    JsonNode evaluation =
        http.get("/v1/jobs/" + done.get("id").stringValue() + "/evaluation").json();
    assertThat(evaluation.at("/decisions/churn")).isEqualTo(rule);
    assertThat(evaluation.at("/metrics/f1")).isEqualTo(done.at("/metrics/test_f1"));
    assertThat(evaluation.at("/per_class/churn/yes/f1").doubleValue())
        .isCloseTo(done.at("/metrics/test_f1").doubleValue(), within(1e-9));

    JsonNode all =
        http.post(
                "/v1/models/best/versions/1/evaluation",
                "{\"dataset\": {\"name\": \"best\"}, \"metrics\": [\"f1\", \"precision\"]}")
            .expect(200)
            .json();
    assertThat(all.at("/decisions/churn")).isEqualTo(rule);
    assertThat(all.at("/metrics/f1").doubleValue()).isCloseTo(f1("best", "best", ""), within(1e-9));
  }

  /** f1 of the labels that predict answers for all rows. */
  private double f1(String model, String dataset, String more) {
    JsonNode rows = http.get("/v1/datasets/" + dataset + "/versions/1/rows?page_size=500").json();
    StringBuilder body = new StringBuilder("{\"instances\": [");
    rows.get("rows").forEach(row -> body.append("{\"a\": ").append(row.get("a")).append("},"));
    body.setCharAt(body.length() - 1, ']');
    JsonNode answer = http.post("/v1/models/" + model + "/predict", body + more + "}").json();
    int hits = 0;
    int decided = 0;
    int actual = 0;
    for (int i = 0; i < rows.get("rows").size(); i++) {
      boolean truth = rows.at("/rows/" + i + "/churn").stringValue().equals("yes");
      boolean found = answer.at("/predictions/" + i + "/churn").stringValue().equals("yes");
      hits += truth && found ? 1 : 0;
      decided += found ? 1 : 0;
      actual += truth ? 1 : 0;
    }
    return 2.0 * hits / (decided + actual);
  }

  @Test
  void aBatchPredictionDecidesAtItsThresholdAndIsMeasuredThere() {
    upload("batched", 40);
    imported("batched", "");
    String body =
        """
        {"model": "batched", "dataset": {"name": "batched"}, "threshold": %s,
         "result": {"dataset": "batched-out"}}
        """;
    http.post("/v1/batch-predictions", body.formatted("{\"a\": 1}"))
        .expectFault("/threshold/a", "no target 'a'");
    String path = http.post("/v1/batch-predictions", body.formatted("0.3")).expect(202).location();
    JsonNode job = http.await(path);
    assertThat(job.at("/metrics/f1").doubleValue())
        .as(job.toString())
        .isCloseTo(f1("batched", "batched", ", \"threshold\": 0.3"), within(1e-9));
    JsonNode rule = job.at("/result/decisions/churn");
    assertThat(rule.toString()).isEqualTo("{\"positive\":\"yes\",\"threshold\":0.3}");
    assertThat(http.get(path + "/evaluation").json().at("/decisions/churn")).isEqualTo(rule);
  }

  @Test
  void aRefitTakesTheMeanOfTheThresholdsOfTheFolds() {
    upload("swept", 120);
    String job =
        job(
            MODEL.formatted("swept", ", \"threshold\": {\"best\": \"f1\"}"),
            "swept",
            "\"stratify\": \"churn\"",
            "");
    String path =
        http.post(
                "/v1/sweeps",
                "{\"job\": %s, \"parameters\": {}, \"cross_validation\": 3, \"objective\": \"val_f1\"}"
                    .formatted(job))
            .expect(202)
            .location();
    JsonNode sweep = http.await(path);
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    double sum = 0;
    for (JsonNode trial : sweep.at("/trials/0/jobs")) {
      JsonNode fold = http.get("/v1/jobs/" + trial.stringValue()).json();
      sum += fold.at("/best/decisions/churn/threshold").doubleValue();
    }
    JsonNode version = http.get("/v1/models/swept/versions/1").json();
    assertThat(version.at("/decisions/churn/threshold").doubleValue())
        .isCloseTo(sum / 3, within(1e-12));
  }

  /** A margin has no probability: it is decided at 0, or at any number. */
  @Test
  void aHingeLossDecidesAtAMargin() {
    upload("margins", 60);
    for (String rule : new String[] {"", ", \"positive\": \"no\", \"threshold\": -1.25"}) {
      String model = MODEL.formatted("margins", rule).replace("\"sigmoid\"", "\"linear\"");
      JsonNode done =
          http.train(
              job(model, "margins", "\"validation\": 0.3", "")
                  .replace("binary_crossentropy", "hinge"));
      double threshold = rule.isEmpty() ? 0 : -1.25;
      assertThat(done.at("/best/decisions/churn/threshold").doubleValue()).isEqualTo(threshold);
      JsonNode answer = predict("margins/versions/latest", ", \"outputs\": [\"d\"]");
      assertThat(answer.at("/decisions/churn/threshold").doubleValue()).isEqualTo(threshold);
      for (int i = 0; i < 4; i++) {
        double margin = answer.at("/outputs/d/" + i + "/0").doubleValue();
        boolean yes = rule.isEmpty() ? margin >= 0 : -margin < threshold;
        assertThat(answer.at("/predictions/" + i + "/churn").stringValue())
            .isEqualTo(yes ? "yes" : "no");
      }
      assertThat(labels(predict("margins/versions/latest", ", \"threshold\": 1000")))
          .containsOnly(rule.isEmpty() ? "no" : "yes");
    }
  }

  @Test
  void aThresholdIsChosenForATargetThatTheLastPhaseTrains() {
    String phases =
        """
        , "phases": [{"train": ["d"], "epochs": 2},
                     {"train": ["d"], "target": {"input": "x"}, "output": "d", "loss": "mse",
                      "metrics": []}]
        """;
    upload("phased", 40);
    String model = MODEL.formatted("phased", ", \"threshold\": {\"best\": \"f1\"}");
    http.post("/v1/jobs", job(model, "phased", "\"validation\": 0.3", phases))
        .expectFault("/model/targets/churn/threshold", "which does not train 'churn'");
  }
}
