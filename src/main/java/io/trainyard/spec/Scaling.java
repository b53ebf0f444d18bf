package io.trainyard.spec;

/** How a number column is scaled. Statistics come from the training rows only. */
public sealed interface Scaling {
  record None() implements Scaling {}

  /** (x − mean)/std, where std divides by n. A constant column becomes 0. */
  record Standard() implements Scaling {}

  /** Linear to [−1, 1]. */
  record MinMax() implements Scaling {}

  /** Linear to [0, 1]. */
  record Unit() implements Scaling {}

  record Divide(double by) implements Scaling {
    public Divide {
      if (!(Math.abs(by) > 0 && Double.isFinite(by))) {
        throw new IllegalArgumentException("divide must be a number other than 0, was " + by);
      }
    }
  }
}
