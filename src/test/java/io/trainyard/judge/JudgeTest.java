package io.trainyard.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The judge has the values of scikit-learn and numpy, which judge.py computes of random answers.
 */
class JudgeTest {
  @Test
  void everyMetricAndLossHasTheValueOfScikitLearn() {
    SoftAssertions softly = new SoftAssertions();
    int count = 0;
    for (JsonNode each : Golden.read("judge.json").get("cases")) {
      for (JsonNode pair : each.get("values")) {
        JsonNode expected = pair.get(1);
        double value = value(pair.get(0), each);
        String name = each.get("name").stringValue() + " " + pair.get(0);
        if (expected.isNull()) {
          softly.assertThat(value).as(name).isNaN();
        } else {
          double limit = 1e-12 + 1e-9 * Math.abs(expected.doubleValue());
          softly.assertThat(value).as(name).isCloseTo(expected.doubleValue(), within(limit));
        }
        count++;
      }
    }
    softly.assertAll();
    assertThat(count).isGreaterThan(1_000);
  }

  private static double value(JsonNode metric, JsonNode json) {
    return switch (json.get("kind").stringValue()) {
      case "classes" -> {
        int[] truth = integers(json.get("truth"));
        yield Judge.value(
            metric,
            new Answers.Classes(
                json.get("count").intValue(),
                truth,
                integers(json.get("decided")),
                rows(json.get("scores")),
                json.get("positive").intValue(),
                json.get("units").intValue(),
                new double[truth.length]));
      }
      case "labels" ->
          Judge.value(
              metric,
              new Answers.Labels(
                  integerRows(json.get("truth")),
                  integerRows(json.get("decided")),
                  rows(json.get("scores"))));
      case "numbers" ->
          Judge.value(
              metric, new Answers.Numbers(rows(json.get("truth")), rows(json.get("predicted"))));
      case "survival" ->
          Judge.value(
              metric,
              new Answers.Survival(
                  numbers(json.get("time")),
                  integers(json.get("event")),
                  numbers(json.get("risk"))));
      default ->
          new LossJudge(
                  metric,
                  json.get("activation").stringValue(),
                  json.path("exclusive").asBoolean(false))
              .value(rows(json.get("truth")), rows(json.get("output")), weights(json));
    };
  }

  private static double @Nullable [] weights(JsonNode json) {
    return json.has("weights") ? numbers(json.get("weights")) : null;
  }

  private static int[] integers(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  private static double[] numbers(JsonNode list) {
    return list.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }

  private static int[][] integerRows(JsonNode list) {
    return list.valueStream().map(JudgeTest::integers).toArray(int[][]::new);
  }

  private static double[][] rows(JsonNode list) {
    return list.valueStream().map(JudgeTest::numbers).toArray(double[][]::new);
  }

  /** Every formula of the generator is one that the script judges too. */
  @Test
  void allFormulasAreJudged() {
    List<String> judged = new ArrayList<>();
    for (JsonNode each : Golden.read("judge.json").get("cases")) {
      for (JsonNode pair : each.get("values")) {
        judged.add(pair.get(0).path("expression").asString(""));
      }
    }
    assertThat(judged).containsAll(Formulas.all());
  }
}
