package io.trainyard.dataset.encoding;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How sure a prediction is: split conformal intervals of numbers and sets of classes. Of n rows
 * that were not trained on, each has a score, which is larger the further off its prediction is.
 * The ⌈(n + 1)·coverage⌉-th smallest is kept. There is none where that is beyond n.
 */
public sealed interface Interval {
  double coverage();

  /** The rows that it was learned on. */
  int rows();

  /** The score that is kept; null where the rows are too few for the coverage. */
  static @Nullable Double quantile(double[] scores, double coverage) {
    int rank = rank(scores.length, coverage);
    if (rank > scores.length) {
      return null;
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double kept = sorted[rank - 1];
    return Double.isFinite(kept) ? kept : null;
  }

  /** ⌈(n + 1)·coverage⌉, where 10·0.9 is 9. */
  static int rank(int rows, double coverage) {
    return Math.max(1, (int) Math.ceil((rows + 1) * coverage * (1 - 1e-12)));
  }

  /** The fewest rows that are enough for a coverage. */
  static int leastRows(double coverage) {
    int rows = (int) Math.max(1, Math.floor(coverage / (1 - coverage)) - 1);
    while (rank(rows, coverage) > rows) {
      rows++;
    }
    return rows;
  }

  private static void check(double coverage, int rows) {
    if (!(coverage > 0 && coverage < 1)) {
      throw new IllegalArgumentException("coverage must be in (0, 1), was " + coverage);
    }
    if (rows < 0) {
      throw new IllegalArgumentException("rows must be at least 0, was " + rows);
    }
  }

  /**
   * The classes whose 1 − p is at most a score, and always the one that is answered.
   *
   * @param score null: the rows were too few
   * @param assumed whether the probabilities were calibrated on the same rows
   */
  record Sets(double coverage, int rows, @Nullable Double score, boolean assumed)
      implements Interval {
    public Sets {
      check(coverage, rows);
    }

    /**
     * Whether each class is in the set; null where the rows were too few.
     *
     * @param decided the class that is answered, by a threshold perhaps not the likeliest
     */
    public boolean @Nullable [] of(float[] shares, int decided) {
      if (score == null) {
        return null;
      }
      boolean[] members = new boolean[shares.length];
      for (int i = 0; i < shares.length; i++) {
        members[i] = i == decided || score(shares[i]) <= score;
      }
      return members;
    }

    /** The score of a row whose true class has a probability. */
    public static double score(float share) {
      return 1 - (double) share;
    }
  }

  /**
   * A number as far below and above the prediction, in the target's units.
   *
   * @param halfWidths by column; null: the rows were too few
   */
  record Around(double coverage, int rows, @Nullable List<Double> halfWidths) implements Interval {
    public Around {
      check(coverage, rows);
      halfWidths = halfWidths == null ? null : List.copyOf(halfWidths);
    }
  }

  /**
   * From one target, of a low quantile, to another, of a high quantile, both moved outwards.
   *
   * @param name the column of both, which names the interval
   * @param margin in its units, may be below 0; null: the rows were too few
   */
  record Between(double coverage, int rows, String name, String high, @Nullable Double margin)
      implements Interval {
    public Between {
      check(coverage, rows);
    }

    /** The ends; two quantiles that cross change places. */
    public static double[] ends(double low, double high, double margin) {
      double from = low - margin;
      double to = high + margin;
      return from <= to ? new double[] {from, to} : new double[] {to, from};
    }
  }
}
