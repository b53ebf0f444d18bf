package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Count, mean, variance, minimum and maximum of a column, in double; for a median or mode also all
 * values. Welford's update keeps the variance accurate for columns far from 0: with δ = x − mean,
 * mean += δ / n and the sum of squares += δ·(x − new mean).
 */
public final class Statistics {
  private final boolean keepsValues;
  private double[] values = new double[0];
  private long count;
  private long missing;
  private double mean;
  private double squares;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  Statistics(boolean keepsValues) {
    this.keepsValues = keepsValues;
  }

  void add(double x) {
    if (keepsValues) {
      if (count == values.length) {
        values = Arrays.copyOf(values, (int) Math.max(1024, Math.min(count * 2, 1 << 30)));
      }
      values[(int) count] = x;
    }
    count++;
    double delta = x - mean;
    mean += delta / count;
    squares += delta * (x - mean);
    min = Math.min(min, x);
    max = Math.max(max, x);
  }

  /**
   * Adds the training rows of a chunk.
   *
   * @param isTraining by row, counted over all chunks
   */
  void add(Rows chunk, ColumnEncoding.Numeric number, IntPredicate isTraining) {
    int first = (int) chunk.first();
    int width = number.values();
    ColumnValues values = chunk.column(number.column());
    for (int row = 0; row < chunk.count(); row++) {
      if (!isTraining.test(first + row)) {
        continue;
      }
      if (values.isMissing(row)) {
        addMissing();
        continue;
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        add(number.element(values, i));
      }
    }
  }

  void addMissing() {
    missing++;
  }

  long count() {
    return count;
  }

  double mean() {
    return mean;
  }

  /** The mean of the two middle values when the count is even. */
  double median() {
    double[] sorted = sorted();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
  }

  /** The most frequent value; of several, the smallest. */
  double mode() {
    double[] sorted = sorted();
    int most = 0;
    double mode = sorted[0];
    for (int from = 0, to; from < sorted.length; from = to) {
      to = from + 1;
      while (to < sorted.length && sorted[to] == sorted[from]) {
        to++;
      }
      if (to - from > most) {
        most = to - from;
        mode = sorted[from];
      }
    }
    return mode;
  }

  /** All values in order, imputed ones too. */
  double[] sorted() {
    double[] sorted = Arrays.copyOf(values, (int) count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Between neighbours along a line, as numpy.percentile. */
  public static double quantile(double[] sorted, double level) {
    double place = level * (sorted.length - 1);
    int below = (int) place;
    double share = place - below;
    // Between equal numbers is the same number: rounding must not make another one of it.
    return share == 0 || sorted[below] == sorted[below + 1]
        ? sorted[below]
        : sorted[below] * (1 - share) + sorted[below + 1] * share;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  /** Divides by n. */
  double std() {
    return count == 0 ? 0 : Math.sqrt(squares / count);
  }

  /** The span to scale by; exactly 0 for a constant column, where rounding gives noise. */
  double spread(double span) {
    return min == max ? 0 : span;
  }

  /**
   * Counts every missing value as {@code fill}, so that scaling is learned from the imputed column.
   * Merges the two groups' mean and sum of squares by Chan's formula.
   */
  void impute(double fill) {
    if (missing == 0) {
      return;
    }
    long all = count + missing;
    double delta = fill - mean;
    mean += delta * missing / all;
    squares += delta * delta * count / all * missing;
    min = Math.min(min, fill);
    max = Math.max(max, fill);
    if (keepsValues) {
      values = Arrays.copyOf(values, Math.toIntExact(all));
      Arrays.fill(values, (int) count, (int) all, fill);
    }
    count = all;
    missing = 0;
  }
}
