package io.trainyard.dataset.prepare;

import io.trainyard.dataset.SplitSpec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Assigns rows to subsets. The result depends only on the seed, the sizes and, when stratified, the
 * rows' strata. Within a subset rows keep their file order.
 */
final class Split {
  static final byte TRAINING = 0;
  static final byte VALIDATION = 1;
  static final byte TEST = 2;

  private Split() {}

  /** Rows, or windows, of each subset. */
  record Sizes(int training, int validation, int test) {
    long total() {
      return (long) training + validation + test;
    }
  }

  /** Shares of the rows, rounded half up. */
  static Sizes sizes(int rows, SplitSpec spec) {
    int validation = share(rows, spec.validation());
    int test = share(rows, spec.test());
    return new Sizes(rows - validation - test, validation, test);
  }

  private static int share(int rows, double share) {
    return BigDecimal.valueOf(share)
        .multiply(BigDecimal.valueOf(rows))
        .setScale(0, RoundingMode.HALF_UP)
        .intValueExact();
  }

  /**
   * The subset of every row.
   *
   * @param strata the stratum of every row, from 0; null when the split isn't stratified
   */
  static byte[] subsets(int rows, SplitSpec spec, long seed, int @Nullable [] strata) {
    Sizes sizes = sizes(rows, spec);
    byte[] subsets = new byte[rows];
    if (sizes.validation() == 0 && sizes.test() == 0) {
      return subsets;
    }
    if (spec.by() == SplitSpec.By.FILE_ORDER) {
      for (int row = sizes.training(); row < rows; row++) {
        subsets[row] = row < sizes.training() + sizes.validation() ? VALIDATION : TEST;
      }
      return subsets;
    }
    int[] order = shuffled(rows, seed);
    if (strata == null) {
      assign(subsets, order, 0, sizes.validation(), VALIDATION);
      assign(subsets, order, sizes.validation(), sizes.test(), TEST);
    } else {
      stratify(subsets, order, strata, sizes);
    }
    return subsets;
  }

  private static int[] shuffled(int rows, long seed) {
    int[] order = new int[rows];
    for (int row = 0; row < rows; row++) {
      order[row] = row;
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = rows - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static void assign(byte[] subsets, int[] order, int from, int count, byte subset) {
    for (int i = from; i < from + count; i++) {
      subsets[order[i]] = subset;
    }
  }

  /** Each subset takes its share of each stratum; the rest goes to the largest remainders. */
  private static void stratify(byte[] subsets, int[] order, int[] strata, Sizes sizes) {
    int[] counts = Strata.sizes(strata);
    int[] validation = quotas(counts, sizes.validation());
    int[] left = counts.clone();
    for (int k = 0; k < counts.length; k++) {
      left[k] -= validation[k];
    }
    int[] test = quotas(left, sizes.test());
    for (int row : order) {
      int stratum = strata[row];
      if (validation[stratum] > 0) {
        validation[stratum]--;
        subsets[row] = VALIDATION;
      } else if (test[stratum] > 0) {
        test[stratum]--;
        subsets[row] = TEST;
      }
    }
  }

  /** Divides {@code total} in proportion to the counts, by the largest remainder method. */
  private static int[] quotas(int[] counts, int total) {
    long all = 0;
    for (int count : counts) {
      all += count;
    }
    int[] quotas = new int[counts.length];
    long[] remainders = new long[counts.length];
    int given = 0;
    for (int k = 0; k < counts.length; k++) {
      long exact = (long) counts[k] * total;
      quotas[k] = all == 0 ? 0 : (int) (exact / all);
      remainders[k] = all == 0 ? 0 : exact % all;
      given += quotas[k];
    }
    while (given < total) {
      int largest = -1;
      for (int k = 0; k < counts.length; k++) {
        if (quotas[k] < counts[k] && (largest < 0 || remainders[k] > remainders[largest])) {
          largest = k;
        }
      }
      quotas[largest]++;
      remainders[largest] = -1;
      given++;
    }
    return quotas;
  }
}
