package io.trainyard.train;

import io.trainyard.engine.Objective;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One objective's metrics over the batches of a pass, from sums.
 *
 * <p>mse, mae and rmse are means over all elements, in the targets' own units. r2 = 1 − Σ(y −
 * t)²/Σ(t − mean t)² per output, then the mean over outputs (scikit-learn's uniform_average).
 * accuracy counts rows: the largest output along the last axis against the label; with one output,
 * or a loss that takes each output by itself, whether both lie on the same side of the threshold.
 */
final class MetricSums {
  /** Numbers in front of those kept for each output. */
  private static final int COUNTS = 6;

  private final boolean logits;
  private final boolean separate;
  private final double[] units;
  private long decisions;
  private long right;
  private long elements;
  private double squares;
  private double absolutes;
  private double @Nullable [] shift;
  private double[] truths = {};
  private double[] truthSquares = {};
  private double[] residuals = {};
  private long rows;

  /**
   * Sums of nothing yet.
   *
   * @param units what one unit of each element stands for, repeated along a row's elements
   */
  MetricSums(Objective objective, double[] units) {
    this.units = units.clone();
    logits =
        switch (objective.loss()) {
          case LossSpec.BinaryCrossentropy loss -> loss.fromLogits();
          default -> false;
        };
    separate = objective.loss() instanceof LossSpec.BinaryCrossentropy;
  }

  void add(HostTensor output, HostTensor truth) {
    int width = output.shape().rank() < 2 ? 1 : output.shape().last();
    long count = output.shape().elements() / width;
    boolean labels = truth.type() == ElementType.INT64 && truth.shape().elements() == count;
    for (long row = 0; row < count; row++) {
      addRow(output, truth, row, width, labels);
    }
    if (!(labels && width > 1)) {
      addSpread(output, truth);
    }
  }

  private void addRow(HostTensor output, HostTensor truth, long row, int width, boolean labels) {
    if (width == 1 || separate) {
      for (int i = 0; i < width; i++) {
        double t = truth.doubleAt(row * width + i);
        decide(isPositive(output.floatAt(row * width + i)) == t > 0.5);
      }
    } else {
      int label = labels ? (int) truth.longAt(row) : largest(truth, row * width, width);
      decide(largest(output, row * width, width) == label);
    }
    for (int i = 0; i < width; i++) {
      double t =
          labels && width > 1 ? (truth.longAt(row) == i ? 1 : 0) : truth.doubleAt(row * width + i);
      double error = (output.floatAt(row * width + i) - t) * unit(row * width + i);
      squares += error * error;
      absolutes += Math.abs(error);
    }
    elements += width;
  }

  private double unit(long element) {
    return units[(int) (element % units.length)];
  }

  private boolean isPositive(float output) {
    return output > (logits ? 0 : 0.5);
  }

  private void decide(boolean isRight) {
    decisions++;
    right += isRight ? 1 : 0;
  }

  static int largest(HostTensor tensor, long from, int width) {
    int best = 0;
    double most = tensor.doubleAt(from);
    for (int i = 1; i < width; i++) {
      double element = tensor.doubleAt(from + i);
      if (element > most) {
        best = i;
        most = element;
      }
    }
    return best;
  }

  /** Sums of squares around the first row's values, so that large means lose no digits. */
  private void addSpread(HostTensor output, HostTensor truth) {
    int count = output.shape().dims().getFirst();
    if (count == 0) {
      return;
    }
    int width = Math.toIntExact(output.shape().elements() / count);
    double[] origin = shift;
    if (origin == null) {
      origin = new double[width];
      for (int i = 0; i < width; i++) {
        origin[i] = truth.doubleAt(i);
      }
      shift = origin;
      truths = new double[width];
      truthSquares = new double[width];
      residuals = new double[width];
    }
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < width; i++) {
        long index = (long) row * width + i;
        double t = truth.doubleAt(index);
        double centered = t - origin[i];
        truths[i] += centered;
        truthSquares[i] += centered * centered;
        double error = output.floatAt(index) - t;
        residuals[i] += error * error;
      }
    }
    rows += count;
  }

  /** All sums as numbers to store, for {@link #restore}. */
  double[] toArray() {
    double[] origin = shift == null ? new double[0] : shift;
    double[] counts = {decisions, right, elements, squares, absolutes, rows};
    return Stream.of(counts, origin, truths, truthSquares, residuals)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  void restore(double[] sums) {
    decisions = (long) sums[0];
    right = (long) sums[1];
    elements = (long) sums[2];
    squares = sums[3];
    absolutes = sums[4];
    rows = (long) sums[5];
    int width = (sums.length - COUNTS) / 4;
    if (width > 0) {
      shift = part(sums, 0, width);
      truths = part(sums, 1, width);
      truthSquares = part(sums, 2, width);
      residuals = part(sums, 3, width);
    }
  }

  private static double[] part(double[] sums, int index, int width) {
    int from = COUNTS + index * width;
    return Arrays.copyOfRange(sums, from, from + width);
  }

  double value(Metric metric) {
    return switch (metric) {
      case ACCURACY -> (double) right / decisions;
      case MSE -> squares / elements;
      case RMSE -> Math.sqrt(squares / elements);
      case MAE -> absolutes / elements;
      case R2 -> r2();
    };
  }

  private double r2() {
    double sum = 0;
    for (int i = 0; i < truths.length; i++) {
      double spread = truthSquares[i] - truths[i] * truths[i] / rows;
      if (spread > 0) {
        sum += 1 - residuals[i] / spread;
      } else {
        sum += residuals[i] == 0 ? 1 : 0;
      }
    }
    return sum / truths.length;
  }
}
