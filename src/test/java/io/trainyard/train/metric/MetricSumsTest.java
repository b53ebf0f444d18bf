package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.TestEngine;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Metrics on four rows, checked by hand. */
class MetricSumsTest {
  private static final HostTensor OUTPUT = column(0.9f, 0.2f, 0.6f, 0.4f);
  private static final HostTensor TRUTH = column(1, 0, 0, 1);

  /** Errors −0.1, 0.2, 0.6 and −0.6; the targets spread by 1 around their mean of 0.5. */
  private static final Map<String, Double> EXPECTED =
      Map.of("mse", 0.77 / 4, "rmse", Math.sqrt(0.77 / 4), "mae", 1.5 / 4, "r2", 1 - 0.77);

  private static final String NUMBERS = "['mse','rmse','mae','r2']";

  /** Expressions are computed by the engine. */
  @BeforeAll
  static void startTheEngine() {
    TestEngine.get();
  }

  @Test
  void numbersAreMeasured() {
    TargetMetrics metrics = numbers(NUMBERS, 1, 0);
    metrics.add(OUTPUT, TRUTH);
    assertValues(metrics, EXPECTED);
  }

  /** One encoded unit is 10, and an encoded 0 is 100. */
  @Test
  void errorsAreInTheTargetsOwnUnits() {
    TargetMetrics metrics =
        numbers(
            "['mae','r2','mape',{'type':'expression','name':'mean','expression':'y_pred'},"
                + "{'type':'expression','name':'late','expression':'y_true > 105 + 0 * y_pred'}]",
            10,
            100);
    metrics.add(OUTPUT, TRUTH);
    assertValues(
        metrics,
        Map.of(
            "mae",
            15.0 / 4,
            "r2",
            1 - 0.77,
            "mape",
            100 * (1 / 110.0 + 2 / 100.0 + 6 / 100.0 + 6 / 110.0) / 4,
            "mean",
            100 + 10 * 2.1 / 4,
            "late",
            0.5));
  }

  @Test
  void anExpressionSeesProbabilitiesAndOneHotClasses() {
    TargetMetrics metrics =
        new TargetMetrics(
            MeasuredTargets.of(
                "{'type':'categorical_crossentropy','from_logits':true}",
                "[{'type':'expression','name':'brier','expression':'sum((y_pred - y_true)^2)'}]",
                true,
                Shape.of(2),
                Function.LINEAR),
            2);
    float log3 = (float) Math.log(3);
    metrics.add(
        HostTensor.ofFloats(Shape.of(2, 2), 5, 5 + log3, 0, 0),
        HostTensor.ofLongs(Shape.of(2), 1, 0));
    assertValues(metrics, Map.of("brier", (2 * 0.25 * 0.25 + 2 * 0.5 * 0.5) / 2));
  }

  /** A checkpoint from before each family of metrics had sums of its own. */
  @Test
  void oldSumsAreContinued() {
    MeasuredTarget target =
        MeasuredTargets.of(
            "'binary_crossentropy'",
            "['accuracy','mae','r2']",
            false,
            Shape.of(1),
            Function.SIGMOID);
    PartMetrics metrics = new PartMetrics(List.of(target), 4);
    double[] threeRows = {3, 2, 3, 0.41, 0.9, 3, 1, -2, 2, 0.41};
    metrics.restore(Map.of("y", HostTensor.ofDoubles(Shape.of(10), threeRows)));
    PartMetrics again = new PartMetrics(List.of(target), 4);
    again.restore(metrics.state());
    again.batch(
        new io.trainyard.engine.Objective(
            "y",
            new io.trainyard.spec.TargetSpec.Source.Columns(List.of("y")),
            "y",
            target.output().loss(),
            1,
            Function.SIGMOID),
        OUTPUT.rows(3, 1),
        TRUTH.rows(3, 1));
    MeasuredValues measured = new MeasuredValues();
    again.putInto(measured, "val_");
    Map<String, Double> values = measured.values();
    assertThat(values.get("val_accuracy")).isEqualTo(0.5);
    assertThat(values.get("val_mae")).isCloseTo(1.5 / 4, within(1e-6));
    assertThat(values.get("val_r2")).isCloseTo(1 - 0.77, within(1e-6));
  }

  /** All pairs of rows, counted one by one; half of the scores are equal. */
  @Test
  void areasAreExactForManyRows() {
    Random random = new Random(3);
    int rows = 3000;
    float[] scores = new float[rows];
    long[] labels = new long[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = random.nextInt(10) == 0 ? 1 : 0;
      scores[i] = random.nextBoolean() ? random.nextInt(20) / 20f : random.nextFloat();
    }
    TargetMetrics metrics =
        new TargetMetrics(
            MeasuredTargets.of(
                "'binary_crossentropy'", "['auc']", true, Shape.of(1), Function.SIGMOID),
            rows);
    MeasuredTargets.add(
        metrics,
        HostTensor.ofFloats(Shape.of(rows, 1), scores),
        HostTensor.ofLongs(Shape.of(rows), labels),
        100);
    double halves = 0;
    double pairs = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < rows; j++) {
        if (labels[i] == 1 && labels[j] == 0) {
          pairs++;
          halves += scores[i] > scores[j] ? 2 : scores[i] == scores[j] ? 1 : 0;
        }
      }
    }
    assertValues(metrics, Map.of("auc", halves / 2 / pairs));
  }

  private static TargetMetrics numbers(String metrics, double unit, double offset) {
    return new TargetMetrics(
        MeasuredTargets.scaled(
            "'mse'",
            metrics,
            false,
            Shape.of(1),
            Function.LINEAR,
            new double[] {unit},
            new double[] {offset}),
        4);
  }

  private static void assertValues(TargetMetrics metrics, Map<String, Double> expected) {
    Map<String, Double> values = MeasuredTargets.values(metrics);
    assertThat(values).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (name, value) ->
            assertThat(values.get(name)).as(name).isCloseTo(value, within(1e-6 * (1 + value))));
  }

  private static HostTensor column(float... elements) {
    return HostTensor.ofFloats(Shape.of(elements.length, 1), elements);
  }
}
