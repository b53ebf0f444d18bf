package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Objective;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Metrics on four rows, checked by hand. */
class MetricSumsTest {
  private static final HostTensor OUTPUT = column(0.9f, 0.2f, 0.6f, 0.4f);
  private static final HostTensor TRUTH = column(1, 0, 0, 1);

  /** Errors −0.1, 0.2, 0.6 and −0.6; the targets spread by 1 around their mean of 0.5. */
  private static final Map<Metric, Double> EXPECTED =
      Map.of(
          Metric.ACCURACY,
          0.5,
          Metric.MSE,
          0.77 / 4,
          Metric.RMSE,
          Math.sqrt(0.77 / 4),
          Metric.MAE,
          1.5 / 4,
          Metric.R2,
          1 - 0.77);

  @Test
  void everyMetricIsComputed() {
    MetricSums sums = sums();
    sums.add(OUTPUT, TRUTH);
    assertThat(EXPECTED).containsOnlyKeys(Metric.values());
    EXPECTED.forEach(
        (metric, expected) ->
            assertThat(sums.value(metric)).as(metric.word()).isCloseTo(expected, within(1e-6)));
  }

  @Test
  void batchesAddUpAndSurviveACheckpoint() {
    MetricSums first = sums();
    first.add(OUTPUT.rows(0, 3), TRUTH.rows(0, 3));
    MetricSums restored = sums();
    restored.restore(first.toArray());
    restored.add(OUTPUT.rows(3, 1), TRUTH.rows(3, 1));
    EXPECTED.forEach(
        (metric, expected) ->
            assertThat(restored.value(metric)).as(metric.word()).isCloseTo(expected, within(1e-6)));
  }

  private static MetricSums sums() {
    return new MetricSums(
        new Objective("y", new TargetSpec.Source.Columns(List.of("y")), "o", new LossSpec.Mse(), 1),
        new double[] {1});
  }

  private static HostTensor column(float... elements) {
    return HostTensor.ofFloats(Shape.of(elements.length, 1), elements);
  }
}
