package io.trainyard.dataset.prepare;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds columns that say to which person or thing a row belongs: some rows for each of many values,
 * which are alike in another column although neighbouring numbers are not. A measured number has
 * neighbours that are alike, and an ordinary category has few values.
 */
final class GroupColumns {
  private static final int MIN_ROWS = 100;
  private static final int MIN_GROUPS = 20;
  private static final double MAX_MEAN_ROWS = 50;

  /** The least share of a column's variance that lies between the groups. */
  private static final double MIN_SHARE = 0.9;

  private GroupColumns() {}

  /**
   * A column of groups.
   *
   * @param groups that have several rows
   * @param spread those of them whose rows lie in several parts
   * @param alike the column in which the rows of a group are alike
   */
  record Found(int groups, int spread, String alike) {}

  /**
   * Checks a column; null when it does not look like groups, or they are not spread over the parts.
   *
   * @param isNumber whether its values are ordered
   * @param isRead whether an input reads it as a number; then ids are numbered without gaps, or
   *     with very large ones
   */
  static @Nullable Found check(
      RowSample sample, String column, boolean isNumber, boolean isRead, byte[] parts) {
    double[] values = sample.column(column);
    if (sample.rows() < MIN_ROWS) {
      return null;
    }
    double[] levels = Arrays.stream(values).filter(each -> !Double.isNaN(each)).sorted().toArray();
    int present = levels.length;
    levels = Arrays.stream(levels).distinct().toArray();
    int count = levels.length;
    double mean = (double) present / Math.max(1, count);
    double most = isRead && !isNumber ? MAX_MEAN_ROWS / 5 : MAX_MEAN_ROWS;
    if (count < MIN_GROUPS || mean < 1.5 || mean > most) {
      return null;
    }
    double range = levels[count - 1] - levels[0] + 1;
    if (isNumber && isRead && range > 1.5 * count && range < 100.0 * count) {
      return null;
    }
    Map<Double, Integer> numbers = new HashMap<>(); // NaN, which is missing, is none of them
    for (int i = 0; i < count; i++) {
      numbers.put(levels[i], i);
    }
    int[] groups = new int[sample.rows()];
    for (int row = 0; row < groups.length; row++) {
      groups[row] = numbers.getOrDefault(values[row], -1);
    }
    int[] spread = spread(groups, count, parts);
    if (spread[1] * 2 < spread[0] || spread[1] < 2) {
      return null;
    }
    for (String other : sample.columns().keySet()) {
      if (!other.equals(column) && isAlike(sample.column(other), groups, count, isNumber)) {
        return new Found(spread[0], spread[1], other);
      }
    }
    return null;
  }

  /** The groups with several rows, and those of them in several parts. */
  private static int[] spread(int[] groups, int count, byte[] parts) {
    int[] rows = new int[count];
    byte[] seen = new byte[count];
    for (int row = 0; row < groups.length; row++) {
      if (groups[row] >= 0) {
        rows[groups[row]]++;
        seen[groups[row]] |= (byte) (1 << parts[row]);
      }
    }
    int several = 0;
    int across = 0;
    for (int group = 0; group < count; group++) {
      several += rows[group] > 1 ? 1 : 0;
      across += Integer.bitCount(seen[group]) > 1 ? 1 : 0;
    }
    return new int[] {several, across};
  }

  /** Whether the groups explain a column, other than smoothly by their numbers. */
  private static boolean isAlike(double[] values, int[] groups, int count, boolean ordered) {
    double[] sums = new double[count];
    int[] rows = new int[count];
    double total = 0;
    int n = 0;
    for (int row = 0; row < values.length; row++) {
      if (groups[row] >= 0 && !Double.isNaN(values[row])) {
        sums[groups[row]] += values[row];
        rows[groups[row]]++;
        total += values[row];
        n++;
      }
    }
    double mean = total / Math.max(1, n);
    double within = 0;
    double all = 0;
    for (int row = 0; row < values.length; row++) {
      if (groups[row] >= 0 && !Double.isNaN(values[row])) {
        double own = sums[groups[row]] / rows[groups[row]];
        within += (values[row] - own) * (values[row] - own);
        all += (values[row] - mean) * (values[row] - mean);
      }
    }
    int used = 0;
    for (int each : rows) {
      used += each > 0 ? 1 : 0;
    }
    if (n - used < n / 5 || all == 0) {
      return false; // few groups have several rows
    }
    double share = 1 - within / (n - used) / (all / (n - 1));
    return share >= MIN_SHARE && isScattered(sums, rows, ordered);
  }

  /**
   * Whether the means of neighbours differ as those of any two: the ratio of von Neumann, 2 for
   * independent means, near 0 for a smooth function, and that of a few steps low too.
   */
  private static boolean isScattered(double[] sums, int[] rows, boolean ordered) {
    double[] means = new double[sums.length];
    int count = 0;
    for (int group = 0; group < sums.length; group++) {
      if (rows[group] > 0) {
        means[count++] = sums[group] / rows[group];
      }
    }
    if (!ordered) {
      return true;
    }
    double mean = Arrays.stream(means, 0, count).average().orElse(0);
    double steps = 0;
    double all = 0;
    for (int i = 0; i < count; i++) {
      steps += i == 0 ? 0 : (means[i] - means[i - 1]) * (means[i] - means[i - 1]);
      all += (means[i] - mean) * (means[i] - mean);
    }
    return steps > all;
  }
}
