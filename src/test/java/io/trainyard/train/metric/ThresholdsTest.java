package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.engine.Golden;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Answers, metrics and reports decide by one rule, and the best threshold is scikit-learn's. */
class ThresholdsTest {
  /** Counts are exact; areas are of 32-bit scores. */
  private static final double TOLERANCE = 1e-6;

  private static final List<String> CLASSES = List.of("no", "yes");

  static Stream<JsonNode> cases() {
    return Golden.read("thresholds.json").get("cases").valueStream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void metricsAreOfThePositiveClassAtTheThreshold(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    int rows = output.shape().axis(0);
    MeasuredTarget target = target(golden, null);
    TargetMetrics metrics = new TargetMetrics(target, rows);
    MeasuredTargets.add(metrics, output, Golden.tensor(golden.get("target")), 7);
    Map<String, Double> values = MeasuredTargets.values(metrics);
    for (var expected : golden.get("values").properties()) {
      assertThat(values.get(expected.getKey()))
          .as(golden.get("name").asString() + ", " + expected.getKey())
          .isCloseTo(expected.getValue().doubleValue(), within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theDecoderDecidesAsScikitLearn(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    boolean logits = golden.get("activation").asString().equals("linear");
    Scores scores = logits ? Scores.LOGIT : Scores.PROBABILITY;
    var labels =
        new TargetEncoding.ClassTarget("out", "y", ColumnType.STRING, CLASSES)
            .with(scores)
            .decidedBy(rule(golden, null));
    int width = output.shape().last();
    for (int row = 0; row < output.shape().axis(0); row++) {
      assertThat(labels.decided(output, (long) row * width, width))
          .as(golden.get("name").asString() + ", row " + row)
          .isEqualTo(golden.get("decided").get(row).intValue());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theReportNamesTheRuleAndHasItsCounts(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    int rows = output.shape().axis(0);
    PartEvaluation report =
        new PartEvaluation(List.of(target(golden, "f1")), Map.of("y", CLASSES), rows);
    report.add("y", output, Golden.tensor(golden.get("target")));
    JsonNode json = report.of(Part.TEST, places -> places, new MeasuredValues(), true).toJson();
    String positive = CLASSES.get(golden.get("positive").intValue());
    assertThat(json.at("/confusion/y/counts").toString())
        .isEqualTo(golden.get("confusion").toString());
    assertThat(json.at("/decisions/y").toString())
        .isEqualTo(
            "{\"positive\":\"%s\",\"threshold\":%s,\"best\":\"f1\"}"
                .formatted(positive, golden.get("threshold")));
    assertThat(json.at("/roc/y").propertyNames()).containsExactly(positive);
    assertThat(json.at("/roc/y/" + positive + "/auc").doubleValue())
        .isCloseTo(golden.at("/values/auc").doubleValue(), within(TOLERANCE));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theBestThresholdIsFoundAmongTheScores(JsonNode golden) {
    for (var best : golden.get("best").properties()) {
      assertThat(chosen(golden, best.getKey(), 9).threshold())
          .as(golden.get("name").asString() + ", " + best.getKey())
          .isCloseTo(best.getValue().doubleValue(), within(1e-7));
    }
  }

  private static Decision chosen(JsonNode golden, String metric, int batch) {
    HostTensor output = Golden.tensor(golden.get("output"));
    HostTensor truth = Golden.tensor(golden.get("target"));
    int rows = output.shape().axis(0);
    Decision rule = new Decision(golden.get("positive").intValue(), null, metric);
    MeasuredTarget target = target(golden, null).decidedBy(rule);
    ThresholdChoice choice = new ThresholdChoice(target, rows);
    for (int from = 0; from < rows; from += batch) {
      int count = Math.min(batch, rows - from);
      choice.add(output.rows(from, count), truth.rows(from, count));
    }
    return choice.chosen();
  }

  /** By hand: from 0.6 on two of three positives and no other are found, f1 = 4/5. */
  @Test
  void theBestF1ByHand() {
    var rule = new Decision(1, null, "f1");
    var target =
        MeasuredTargets.of(
                "'binary_crossentropy'".replace('\'', '"'),
                "[\"f1\"]",
                true,
                Shape.of(1),
                Function.SIGMOID)
            .decidedBy(rule);
    ThresholdChoice choice = new ThresholdChoice(target, 5);
    choice.add(
        HostTensor.ofFloats(Shape.of(6, 1), 0.9f, 0.6f, 0.5f, 0.4f, 0.2f, Float.NaN),
        HostTensor.ofFloats(Shape.of(6, 1), 1, 1, 0, 0, 1, 0));
    assertThat(choice.chosen()).isEqualTo(new Decision(1, (double) (0.6f + 0.5f) / 2, "f1"));
    // Without rows there is nothing to choose among.
    assertThat(new ThresholdChoice(target, 0).chosen()).isEqualTo(rule.choosing(0.5));
  }

  private static MeasuredTarget target(JsonNode golden, @Nullable String best) {
    return MeasuredTargets.of(
            golden.get("loss").toString(),
            "[\"accuracy\",\"balanced_accuracy\",\"precision\",\"recall\",\"f1\",\"mcc\",\"auc\",\"pr_auc\"]",
            true,
            Golden.tensor(golden.get("output")).shape().row(),
            Function.valueOf(golden.get("activation").asString().toUpperCase(Locale.ROOT)))
        .decidedBy(rule(golden, best));
  }

  private static Decision rule(JsonNode golden, @Nullable String best) {
    return new Decision(
        golden.get("positive").intValue(), golden.get("threshold").doubleValue(), best);
  }
}
