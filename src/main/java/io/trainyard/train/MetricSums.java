package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One objective's metrics, from sums over batches.
 *
 * <p>mse, mae and rmse are means over all elements, in the targets' units. r2 = 1 − Σ(y − t)²/Σ(t −
 * mean t)² per output, then the mean over outputs (scikit-learn's uniform_average). accuracy is the
 * share of rows where the largest output along the last axis has the label's index. With one
 * output, or a loss of separate outputs, it is the share of elements where output and target are on
 * the same side of a probability of one half, which counts as yes.
 */
final class MetricSums {
  /** Sums in {@link #toArray} before those of each output. */
  private static final int COUNTS = 6;

  private final boolean logits;
  private final boolean separate;
  private final double[] units;
  private long decisions;
  private long correct;
  private long elements;
  private double squares;
  private double absolutes;
  private double @Nullable [] shift;
  private double[] targetSums = {};
  private double[] targetSquares = {};
  private double[] residuals = {};
  private long rows;

  /**
   * @param units the size of one encoded unit in the target's units; repeats along a row's elements
   */
  MetricSums(Objective objective, double[] units) {
    this.units = units.clone();
    logits = objective.loss().fromLogits();
    separate = objective.loss() instanceof LossSpec.BinaryCrossentropy;
  }

  void add(HostTensor output, HostTensor target) {
    int width = output.shape().rank() < 2 ? 1 : output.shape().last();
    long count = output.shape().elements() / width;
    boolean labels = target.type() == ElementType.INT64 && target.shape().elements() == count;
    for (long row = 0; row < count; row++) {
      addRow(output, target, row, width, labels);
    }
    if (!(labels && width > 1)) {
      addVariation(output, target);
    }
  }

  private void addRow(HostTensor output, HostTensor target, long row, int width, boolean labels) {
    if (width == 1 || separate) {
      for (int i = 0; i < width; i++) {
        double t = target.doubleAt(row * width + i);
        decide(Encoding.isYes(output.floatAt(row * width + i), logits) == t >= 0.5);
      }
    } else {
      int label = labels ? (int) target.longAt(row) : largest(target, row * width, width);
      decide(largest(output, row * width, width) == label);
    }
    for (int i = 0; i < width; i++) {
      double t =
          labels && width > 1
              ? (target.longAt(row) == i ? 1 : 0)
              : target.doubleAt(row * width + i);
      double error = (output.floatAt(row * width + i) - t) * unit(row * width + i);
      squares += error * error;
      absolutes += Math.abs(error);
    }
    elements += width;
  }

  private double unit(long element) {
    return units[(int) (element % units.length)];
  }

  private void decide(boolean isCorrect) {
    decisions++;
    correct += isCorrect ? 1 : 0;
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

  /** Sums of squares, shifted by the first row's values: large means lose no digits. */
  private void addVariation(HostTensor output, HostTensor target) {
    int count = output.shape().dims().getFirst();
    if (count == 0) {
      return;
    }
    int width = Math.toIntExact(output.shape().elements() / count);
    double[] shifts = shift;
    if (shifts == null) {
      shifts = new double[width];
      for (int i = 0; i < width; i++) {
        shifts[i] = target.doubleAt(i);
      }
      shift = shifts;
      targetSums = new double[width];
      targetSquares = new double[width];
      residuals = new double[width];
    }
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < width; i++) {
        long index = (long) row * width + i;
        double t = target.doubleAt(index);
        double centered = t - shifts[i];
        targetSums[i] += centered;
        targetSquares[i] += centered * centered;
        double error = output.floatAt(index) - t;
        residuals[i] += error * error;
      }
    }
    rows += count;
  }

  /** All sums, to store for {@link #restore}. */
  double[] toArray() {
    double[] shifts = shift == null ? new double[0] : shift;
    double[] counts = {decisions, correct, elements, squares, absolutes, rows};
    return Stream.of(counts, shifts, targetSums, targetSquares, residuals)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  void restore(double[] sums) {
    decisions = (long) sums[0];
    correct = (long) sums[1];
    elements = (long) sums[2];
    squares = sums[3];
    absolutes = sums[4];
    rows = (long) sums[5];
    int width = (sums.length - COUNTS) / 4;
    if (width > 0) {
      shift = part(sums, 0, width);
      targetSums = part(sums, 1, width);
      targetSquares = part(sums, 2, width);
      residuals = part(sums, 3, width);
    }
  }

  private static double[] part(double[] sums, int index, int width) {
    int from = COUNTS + index * width;
    return Arrays.copyOfRange(sums, from, from + width);
  }

  double value(Metric metric) {
    return switch (metric) {
      case ACCURACY -> (double) correct / decisions;
      case MSE -> squares / elements;
      case RMSE -> Math.sqrt(squares / elements);
      case MAE -> absolutes / elements;
      case R2 -> r2();
    };
  }

  private double r2() {
    double sum = 0;
    for (int i = 0; i < targetSums.length; i++) {
      double variation = targetSquares[i] - targetSums[i] * targetSums[i] / rows;
      if (variation > 0) {
        sum += 1 - residuals[i] / variation;
      } else {
        sum += residuals[i] == 0 ? 1 : 0;
      }
    }
    return sum / targetSums.length;
  }
}
