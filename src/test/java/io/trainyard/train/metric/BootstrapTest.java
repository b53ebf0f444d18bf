package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.error.ServiceException;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Intervals are those of rows that are drawn by hand. */
class BootstrapTest {
  private static MeasuredRows rows(MeasuredTarget target, float[] outputs, float[] truths) {
    MeasuredRows rows = new MeasuredRows(List.of(target), outputs.length, 1 << 20);
    // In two batches.
    int first = outputs.length / 3;
    for (int[] part : new int[][] {{0, first}, {first, outputs.length}}) {
      rows.add(
          "y",
          column(Arrays.copyOfRange(outputs, part[0], part[1])),
          column(Arrays.copyOfRange(truths, part[0], part[1])));
    }
    return rows;
  }

  private static HostTensor column(float... values) {
    return HostTensor.ofFloats(Shape.of(values.length, 1), values);
  }

  /** Row i has the error i. */
  private static MeasuredRows errors(int count) {
    float[] outputs = new float[count];
    for (int i = 0; i < count; i++) {
      outputs[i] = i;
    }
    MeasuredTarget target =
        MeasuredTargets.of("'mse'", "['mae', 'r2']", false, Shape.of(1), Function.LINEAR);
    return rows(target, outputs, new float[count]);
  }

  private static Bootstrap.Metrics measure(MeasuredRows rows, int resamples, int... places) {
    return new Bootstrap(resamples).measure(rows.sample(), places, () -> false);
  }

  /**
   * new Random(0) draws 0 8 9 7 5 3 1 1 9 4, then 7 7 3 2 5 4 4 5 1 0, then 3 8 4 7 2 0 3 2 2 3 of
   * ten rows: errors of 4.7, 3.8 and 3.4 in the mean. Of three numbers, the quantile 0.025 lies 5 %
   * of the way from the first to the second, and 0.975 lies 95 % from the second to the third.
   */
  @Test
  void anIntervalIsThatOfTheRowsDrawnByHand() {
    Bootstrap.Metrics measured = measure(errors(10), 3, IntStream.range(0, 10).toArray());
    assertThat(measured.values().values().get("mae")).isEqualTo(4.5);
    double[] interval = Objects.requireNonNull(measured.intervals().get("mae"));
    assertThat(interval[0]).isCloseTo(3.42, within(1e-12));
    assertThat(interval[1]).isCloseTo(4.655, within(1e-12));
    assertThat(measured.values().values().get("r2")).as("all true values are 0").isNaN();
    assertThat(measured.values().notes()).containsKey("r2");
    assertThat(measured.intervals()).doesNotContainKey("r2");
    assertThat(measured.without()).containsOnlyKeys("r2");
  }

  /** Some of the rows, in any order, are measured as if there were no others. */
  @Test
  void aGroupHasTheIntervalOfItsRowsAlone() {
    int[] group = {12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
    Bootstrap.Metrics own = measure(errors(40), 50, group);
    Bootstrap.Metrics alone = measure(errors(10), 50, IntStream.range(0, 10).toArray());
    double[] shifted = Objects.requireNonNull(own.intervals().get("mae"));
    double[] plain = Objects.requireNonNull(alone.intervals().get("mae"));
    assertThat(shifted[0]).isCloseTo(plain[0] + 12, within(1e-9));
    assertThat(shifted[1]).isCloseTo(plain[1] + 12, within(1e-9));
  }

  @Test
  void fewRowsHaveNoInterval() {
    Bootstrap.Metrics nine = measure(errors(9), 20, IntStream.range(0, 9).toArray());
    assertThat(nine.values().values().get("mae")).isEqualTo(4);
    assertThat(nine.intervals()).isEmpty();
    assertThat(nine.without().get("mae")).contains("at least 10 rows");
    assertThat(measure(errors(9), 20, 4).values().values().get("mae")).isEqualTo(4);
  }

  /** With one row of a class in ten, a third of the draws have none of them. */
  @Test
  void aMetricThatManyDrawsLackHasNoInterval() {
    MeasuredTarget target =
        MeasuredTargets.of(
            "'binary_crossentropy'", "['auc', 'accuracy']", true, Shape.of(1), Function.SIGMOID);
    float[] truths = new float[10];
    truths[3] = 1;
    float[] outputs = new float[10];
    Arrays.fill(outputs, 0.2f);
    outputs[3] = 0.4f;
    Bootstrap.Metrics measured =
        measure(rows(target, outputs, truths), 300, IntStream.range(0, 10).toArray());
    assertThat(measured.values().values().get("auc")).isEqualTo(1);
    assertThat(measured.intervals()).containsOnlyKeys("accuracy");
    assertThat(measured.without().get("auc"))
        .matches("The metric is not defined in 1?\\d\\d of 300 draws.*");
  }

  @Test
  void manyRowsAreDrawnLessOften() {
    assertThat(Bootstrap.STANDARD.resamples(150, 3)).isEqualTo(1000);
    assertThat(Bootstrap.STANDARD.resamples(3_000, 1)).isEqualTo(1000);
    assertThat(Bootstrap.STANDARD.resamples(10_000, 1)).isEqualTo(300);
    assertThat(Bootstrap.STANDARD.resamples(1_000, 10)).isEqualTo(300);
    assertThat(Bootstrap.STANDARD.resamples(2_000_000_000, 1_000_000)).isEqualTo(100);
  }

  @Test
  void aGroupIsDrawnAsOftenAsIfItWereAlone() {
    Bootstrap often = Bootstrap.STANDARD;
    int[] group = IntStream.range(0, 3_000).toArray();
    int own = often.measure(errors(20_000).sample(), group, () -> false).resamples();
    assertThat(own).isEqualTo(1000);
    assertThat(often.measure(errors(3_000).sample(), group, () -> false).resamples())
        .isEqualTo(own);
    assertThat(measure(errors(9), 20, 1, 2).resamples()).isZero();
  }

  /** Rows that are calibrated as well as can be have draws that are not. */
  @Test
  void anErrorOfCalibrationHasNoInterval() {
    MeasuredTarget target =
        MeasuredTargets.of(
            "'binary_crossentropy'", "['ece', 'brier']", true, Shape.of(1), Function.SIGMOID);
    float[] truths = new float[40];
    float[] outputs = new float[40];
    Arrays.fill(outputs, 0.5f);
    Arrays.fill(truths, 0, 20, 1);
    Bootstrap.Metrics measured =
        measure(rows(target, outputs, truths), 50, IntStream.range(0, 40).toArray());
    assertThat(measured.values().values().get("ece")).isEqualTo(0);
    assertThat(measured.intervals()).containsOnlyKeys("brier");
    assertThat(measured.without().get("ece")).startsWith("Draws of the same rows");
  }

  @Test
  void drawsEndWhenNobodyWaits() {
    int[] asked = {0};
    MeasuredRows rows = errors(20);
    int[] all = IntStream.range(0, 20).toArray();
    assertThatThrownBy(() -> new Bootstrap(1000).measure(rows.sample(), all, () -> asked[0]++ == 4))
        .isInstanceOf(CancellationException.class);
    assertThat(asked[0]).isEqualTo(5);
  }

  @Test
  void outputsThatTakeTooMuchMemoryAreRefused() {
    MeasuredTarget target =
        MeasuredTargets.of("'mse'", "['mae']", false, Shape.of(1), Function.LINEAR);
    MeasuredRows rows = new MeasuredRows(List.of(target), 1000, 7_999);
    assertThatThrownBy(() -> rows.add("y", column(1), column(2)))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("at least 8000 bytes, and at most 7999 are allowed");
  }
}
