package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Calibration;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The rising curve nearest to yes and no over a probability, by the smallest sum of squares: pool
 * adjacent violators. Equal probabilities are one point. Source: sklearn.isotonic's
 * IsotonicRegression.
 */
final class IsotonicFit {
  private IsotonicFit() {}

  /**
   * @param p of each row
   * @param yes whether each row is of the class
   */
  static Calibration.Curve of(double[] p, boolean[] yes) {
    Integer[] order = new Integer[p.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> p[i]));
    double[] first = new double[p.length];
    double[] last = new double[p.length];
    double[] sum = new double[p.length];
    double[] weight = new double[p.length];
    int blocks = 0;
    for (int row : order) {
      double truth = yes[row] ? 1 : 0;
      if (blocks > 0 && last[blocks - 1] == p[row]) {
        sum[blocks - 1] += truth;
        weight[blocks - 1]++;
        continue;
      }
      first[blocks] = p[row];
      last[blocks] = p[row];
      sum[blocks] = truth;
      weight[blocks++] = 1;
    }
    int kept = 0;
    for (int block = 0; block < blocks; block++) {
      first[kept] = first[block];
      last[kept] = last[block];
      sum[kept] = sum[block];
      weight[kept++] = weight[block];
      while (kept > 1 && sum[kept - 2] * weight[kept - 1] >= sum[kept - 1] * weight[kept - 2]) {
        kept--;
        last[kept - 1] = last[kept];
        sum[kept - 1] += sum[kept];
        weight[kept - 1] += weight[kept];
      }
    }
    double[] x = new double[2 * kept];
    double[] y = new double[2 * kept];
    int points = 0;
    for (int block = 0; block < kept; block++) {
      double level = sum[block] / weight[block];
      x[points] = first[block];
      y[points++] = level;
      if (last[block] > first[block]) {
        x[points] = last[block];
        y[points++] = level;
      }
    }
    return new Calibration.Curve(Arrays.copyOf(x, points), Arrays.copyOf(y, points));
  }
}
