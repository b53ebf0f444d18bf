package io.trainyard.train.metric;

import java.util.Arrays;

/** The scores of a class's rows and of the others, each in rising order. */
final class Ranking {
  private final float[] positives;
  private final float[] negatives;

  /**
   * Sorts the arrays, which it keeps.
   *
   * @param positives the scores of the class's rows
   * @param negatives those of the other rows
   */
  Ranking(float[] positives, float[] negatives) {
    Arrays.sort(positives);
    Arrays.sort(negatives);
    this.positives = positives;
    this.negatives = negatives;
  }

  /**
   * The areas under two curves; NaN where a curve is not defined.
   *
   * @param roc share of found positives over the share of wrong negatives
   * @param precisionRecall average precision
   */
  record Areas(double roc, double precisionRecall) {}

  Areas areas() {
    boolean finite = isFinite(positives) && isFinite(negatives);
    return new Areas(
        finite && positives.length > 0 && negatives.length > 0 ? roc() : Double.NaN,
        finite && positives.length > 0 ? averagePrecision() : Double.NaN);
  }

  /** A sort puts NaN last. */
  private static boolean isFinite(float[] sorted) {
    return sorted.length == 0 || !Float.isNaN(sorted[sorted.length - 1]);
  }

  /** The share of pairs in order; a tie is half a pair. */
  private double roc() {
    long halves = 0;
    int below = 0;
    int upTo = 0;
    for (float positive : positives) {
      while (below < negatives.length && negatives[below] < positive) {
        below++;
      }
      upTo = Math.max(upTo, below);
      while (upTo < negatives.length && negatives[upTo] == positive) {
        upTo++;
      }
      halves += (long) below + upTo;
    }
    return halves / 2.0 / positives.length / negatives.length;
  }

  /** Each distinct score of a positive is a threshold; others find nothing. */
  private double averagePrecision() {
    double sum = 0;
    int firstNegative = negatives.length;
    for (int i = positives.length - 1; i >= 0; ) {
      float threshold = positives[i];
      int same = 0;
      while (i >= 0 && positives[i] == threshold) {
        same++;
        i--;
      }
      while (firstNegative > 0 && negatives[firstNegative - 1] >= threshold) {
        firstNegative--;
      }
      double found = positives.length - (i + 1.0);
      double decided = found + negatives.length - firstNegative;
      sum += same * (found / decided);
    }
    return sum / positives.length;
  }
}
