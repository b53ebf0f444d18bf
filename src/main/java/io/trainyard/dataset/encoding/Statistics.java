package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.prepare.Split;
import java.util.Arrays;

/**
 * Count, mean, variance, extremes and, when asked for, all values of a column, in double. Chan's
 * update keeps the variance exact for columns far from 0.
 */
final class Statistics {
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

  /** Takes the rows of a chunk that are for training. */
  void add(Rows chunk, ColumnValues values, int width, byte[] parts) {
    int first = (int) chunk.first();
    for (int row = 0; row < chunk.count(); row++) {
      if (parts[first + row] != Split.TRAINING) {
        continue;
      }
      if (values.isMissing(row)) {
        addMissing();
        continue;
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        add(InputEncoding.element(values, i));
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

  /** Of two middle values, their mean. */
  double median() {
    double[] sorted = Arrays.copyOf(values, (int) count);
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
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

  /** A spread that rounding cannot turn into the noise of a constant column. */
  double spread(double span) {
    return min == max ? 0 : span;
  }

  /** Takes the missing values for {@code fill}: scaling is learned from what it will be given. */
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
    count = all;
    missing = 0;
  }
}
