package io.trainyard.dataset.prepare;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Assigns rows to subsets. The result depends only on the seed, the sizes and, when stratified, the
 * rows' strata. Within a subset rows keep their file order.
 */
final class Split {
  static final byte TRAINING = 0;
  static final byte VALIDATION = 1;
  static final byte TEST = 2;

  /** Rows of a series behind those of a fold. */
  static final byte UNUSED = 3;

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
    FoldSpec fold = spec.fold();
    if (fold != null) {
      int others = rows - test;
      validation = fold.validates() ? fold.end(others) - fold.begin(others) : 0;
    }
    return new Sizes(rows - validation - test, validation, test);
  }

  /**
   * The parts of one series, as the rows at which they begin and end.
   *
   * @param training the end of the training part, which begins at 0
   * @param validation the end of the validation part
   * @param from where the validation part begins
   * @param test where the test part begins, which ends with the series
   */
  record Parts(int training, int from, int validation, int test) {
    byte subset(int row) {
      boolean validates = row >= from && row < validation;
      return row >= test ? TEST : validates ? VALIDATION : row < training ? TRAINING : UNUSED;
    }
  }

  /**
   * The parts of one series. Folds keep groups together; one series runs forward in time.
   *
   * @param rows of the series
   * @param groupFold the fold of the series; 0 when there is only one series
   */
  static Parts parts(int rows, SplitSpec spec, int groupFold) {
    FoldSpec fold = spec.fold();
    int test = rows - share(rows, spec.test());
    if (fold == null) {
      int training = test - share(rows, spec.validation());
      return new Parts(training, training, test, test);
    }
    if (!fold.validates()) {
      return new Parts(test, test, test, test);
    }
    if (groupFold > 0) {
      return groupFold == fold.number()
          ? new Parts(0, 0, test, test)
          : new Parts(test, test, test, test);
    }
    FoldSpec.Forward forward = fold.forward(test);
    return new Parts(forward.training(), forward.training(), forward.validation(), test);
  }

  static int share(int rows, double share) {
    return BigDecimal.valueOf(share)
        .multiply(BigDecimal.valueOf(rows))
        .setScale(0, RoundingMode.HALF_UP)
        .intValueExact();
  }

  /**
   * The subset of every row.
   *
   * @param labels the stratum or group of every row, from 0, or its part; null when the split reads
   *     no column
   */
  static byte[] subsets(int rows, SplitSpec spec, long seed, int @Nullable [] labels) {
    FoldSpec fold = spec.fold();
    return switch (spec.by()) {
      case GROUP -> GroupSplit.subsets(Objects.requireNonNull(labels), spec, seed);
      case COLUMN -> {
        byte[] subsets = new byte[rows];
        for (int row = 0; row < rows; row++) {
          subsets[row] = (byte) Objects.requireNonNull(labels)[row];
        }
        yield fold == null ? subsets : ofFold(subsets, spec.by(), fold, seed, null);
      }
      case RANDOM, FILE_ORDER -> {
        Sizes sizes = sizes(rows, fold == null ? spec : spec.withoutFold());
        byte[] subsets = subsets(rows, sizes, spec.by(), seed, labels);
        yield fold == null ? subsets : ofFold(subsets, spec.by(), fold, seed, labels);
      }
    };
  }

  /** The rows of each subset. */
  static Sizes count(byte[] subsets) {
    int[] counts = new int[3];
    for (byte subset : subsets) {
      counts[subset]++;
    }
    return new Sizes(counts[TRAINING], counts[VALIDATION], counts[TEST]);
  }

  private static byte[] subsets(
      int rows, Sizes sizes, SplitSpec.By by, long seed, int @Nullable [] strata) {
    byte[] subsets = new byte[rows];
    if (sizes.validation() == 0 && sizes.test() == 0) {
      return subsets;
    }
    if (by == SplitSpec.By.FILE_ORDER) {
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

  /** The test part is the one of the split without folds; the other rows are dealt to the folds. */
  private static byte[] ofFold(
      byte[] subsets, SplitSpec.By by, FoldSpec fold, long seed, int @Nullable [] strata) {
    int rows = subsets.length;
    if (!fold.validates()) {
      for (int row = 0; row < rows; row++) {
        subsets[row] = subsets[row] == VALIDATION ? TRAINING : subsets[row];
      }
      return subsets;
    }
    int others = 0;
    int all = rows - count(subsets).test();
    for (int row : dealt(rows, by, seed, strata)) {
      if (subsets[row] == TEST) {
        continue;
      }
      boolean own =
          strata == null ? others >= fold.begin(all) && others < fold.end(all) : fold.has(others);
      subsets[row] = own ? VALIDATION : TRAINING;
      others++;
    }
    return subsets;
  }

  /** The rows in the order in which folds get them; those of a stratum follow each other. */
  private static int[] dealt(int rows, SplitSpec.By by, long seed, int @Nullable [] strata) {
    if (by == SplitSpec.By.FILE_ORDER) {
      return IntStream.range(0, rows).toArray();
    }
    int[] order = shuffled(rows, seed);
    if (strata == null) {
      return order;
    }
    int[] next = Strata.sizes(strata);
    int begin = 0;
    for (int stratum = 0; stratum < next.length; stratum++) {
      int size = next[stratum];
      next[stratum] = begin;
      begin += size;
    }
    int[] sorted = new int[rows];
    for (int row : order) {
      sorted[next[strata[row]]++] = row;
    }
    return sorted;
  }

  /** The numbers from 0 in an order that follows from the seed. */
  static int[] shuffled(int rows, long seed) {
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
