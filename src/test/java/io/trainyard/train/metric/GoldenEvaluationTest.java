package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.engine.Golden;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Reports have scikit-learn's numbers, in whatever batches the rows come, and stay small. */
class GoldenEvaluationTest {
  /** Scores are 32-bit floats, and scikit-learn's sums have another order. */
  private static final double TOLERANCE = 1e-6;

  static Stream<JsonNode> cases() {
    return Golden.read("evaluation.json").get("cases").valueStream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reportsHaveTheNumbersOfScikitLearn(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    HostTensor target = Golden.tensor(golden.get("target"));
    int rows = output.shape().dims().getFirst();
    for (int batch : new int[] {rows, 7}) {
      JsonNode json = evaluation(golden, output, target, batch).toJson();
      assertThat(json.get("part").stringValue()).isEqualTo("test");
      assertThat(json.get("rows").intValue()).isEqualTo(rows);
      if (golden.has("numbers")) {
        JsonNode report = json.at("/regression/y");
        golden
            .get("numbers")
            .properties()
            .forEach(each -> assertClose(report.get(each.getKey()), each.getValue()));
        assertThat(report.at("/points/0/true").doubleValue()).isEqualTo(target.doubleAt(0));
      } else {
        assertClasses(golden, json);
      }
    }
  }

  private static void assertClasses(JsonNode golden, JsonNode json) {
    assertThat(json.at("/confusion/y/classes")).isEqualTo(golden.get("labels"));
    assertThat(json.at("/confusion/y/counts").toString())
        .isEqualTo(golden.get("confusion").toString());
    String[] parts = {"precision", "recall", "f1", "support"};
    for (var label : golden.get("per_class").properties()) {
      JsonNode own = json.at("/per_class/y").get(label.getKey());
      for (int i = 0; i < parts.length; i++) {
        assertClose(own.get(parts[i]), label.getValue().get(i));
      }
    }
    assertThat(json.at("/roc/y").propertyNames()).isEqualTo(golden.get("roc").propertyNames());
    for (var curve : golden.get("roc").properties()) {
      JsonNode own = json.at("/roc/y").get(curve.getKey());
      assertClose(own.get("auc"), curve.getValue().get("auc"));
      List<JsonNode> points = own.get("points").valueStream().toList();
      assertThat(points).hasSize(curve.getValue().get("points").size());
      for (int i = 0; i < points.size(); i++) {
        JsonNode wanted = curve.getValue().get("points").get(i);
        assertClose(points.get(i).get("false_positive_rate"), wanted.get(0));
        assertClose(points.get(i).get("true_positive_rate"), wanted.get(1));
        if (wanted.get(2).isNull()) {
          assertThat(points.get(i).get("threshold").stringValue()).isEqualTo("Infinity");
        } else {
          assertClose(points.get(i).get("threshold"), wanted.get(2));
        }
      }
    }
  }

  private static void assertClose(JsonNode actual, JsonNode wanted) {
    double number = wanted.doubleValue();
    assertThat(actual.doubleValue())
        .as(actual + " for " + wanted)
        .isCloseTo(number, within(TOLERANCE * (1 + Math.abs(number))));
  }

  private static Evaluation evaluation(
      JsonNode golden, HostTensor output, HostTensor target, int batch) {
    List<String> labels = new ArrayList<>();
    golden.path("labels").forEach(label -> labels.add(label.stringValue()));
    int rows = output.shape().dims().getFirst();
    PartEvaluation sums =
        evaluation(
            "'" + golden.get("loss").stringValue() + "'",
            Function.valueOf(golden.get("activation").asString().toUpperCase(Locale.ROOT)),
            output.shape().row(),
            labels,
            rows);
    for (int from = 0; from < rows; from += batch) {
      int count = Math.min(batch, rows - from);
      sums.add("y", output.rows(from, count), target.rows(from, count));
    }
    return finished(sums);
  }

  private static PartEvaluation evaluation(
      String loss, Function last, Shape row, List<String> labels, int rows) {
    return new PartEvaluation(
        List.of(MeasuredTargets.of(loss, "[]", !labels.isEmpty(), row, last)),
        Map.of("y", labels),
        rows);
  }

  private static Evaluation finished(PartEvaluation sums) {
    return sums.of(
        Part.TEST,
        places -> IntStream.of(places).map(place -> place + 1).toArray(),
        measured(),
        true);
  }

  private static MeasuredValues measured() {
    MeasuredValues measured = new MeasuredValues();
    measured.put("loss", Double.NaN);
    measured.putUndefined("auc", "one class");
    return measured;
  }

  @Test
  void aNumberThatJsonLacksIsAString() {
    PartEvaluation sums = evaluation("'mse'", Function.LINEAR, Shape.of(1), List.of(), 2);
    sums.add("y", floats(Float.NaN, 1), floats(3, 3));
    JsonNode json = finished(sums).toJson();
    assertThat(json.at("/metrics/loss").stringValue()).isEqualTo("NaN");
    assertThat(json.at("/metrics/auc").isNull()).isTrue();
    assertThat(json.at("/metric_notes/auc").stringValue()).isEqualTo("one class");
    assertThat(json.at("/regression/y/r2").isNull()).as("the truth does not vary").isTrue();
    assertThat(json.at("/regression/y/points/0/predicted").stringValue()).isEqualTo("NaN");
  }

  @Test
  void worstRowsComeFirstAndTheirNumbersStartAtOne() {
    PartEvaluation sums = evaluation("'mse'", Function.LINEAR, Shape.of(1), List.of(), 30);
    float[] losses = new float[30];
    for (int i = 0; i < 30; i++) {
      losses[i] = i % 7;
    }
    losses[4] = Float.NaN;
    sums.rowLosses(floats(losses));
    List<Evaluation.WorstRow> worst = finished(sums).worstRows();
    assertThat(worst).hasSize(20);
    assertThat(worst.stream().map(Evaluation.WorstRow::row).limit(6))
        .containsExactly(5, 7, 14, 21, 28, 6);
    assertThat(worst.getFirst().loss()).isNaN();
  }

  /** Three million scores, of which a million are kept at most; the curve stays the same. */
  @Test
  void aLargePartKeepsFewScoresAndPoints() {
    int rows = 3_000_000;
    PartEvaluation sums =
        evaluation(
            "'binary_crossentropy'", Function.SIGMOID, Shape.of(1), List.of("no", "yes"), rows);
    int batch = 100_000;
    float[] scores = new float[batch];
    float[] truths = new float[batch];
    for (int i = 0; i < batch; i++) {
      scores[i] = (i * 7919L % batch) / (float) batch;
      truths[i] = (i * 104729L % batch) / (float) batch < scores[i] ? 1 : 0;
    }
    for (int from = 0; from < rows; from += batch) {
      sums.add("y", floats(scores), floats(truths));
    }
    Evaluation evaluation = finished(sums);
    ClassReport report = Objects.requireNonNull(evaluation.classes().get("y"));
    RocCurve curve = Objects.requireNonNull(report.curves().get("yes"));
    assertThat(curve.points().size()).isBetween(50, 100);
    assertThat(curve.points().getFirst().truePositiveRate()).isZero();
    assertThat(curve.points().getLast().falsePositiveRate()).isEqualTo(1);
    assertThat(
            report.confusion().counts().stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .sum())
        .isEqualTo(rows);
    boolean[] positive = new boolean[batch];
    for (int i = 0; i < batch; i++) {
      positive[i] = truths[i] == 1;
    }
    assertThat(curve.area()).isCloseTo(RocCurve.of(scores, positive, batch).area(), within(2e-3));
  }

  private static HostTensor floats(float... values) {
    return HostTensor.ofFloats(Shape.of(values.length, 1), values);
  }
}
