package io.trainyard.spec;

/** How a number column is scaled; what it learns comes from the training rows. */
public sealed interface Scaling {
  record None() implements Scaling {}

  /** (x − mean)/std with std dividing by n; a constant column scales to 0. */
  record Standard() implements Scaling {}

  /** To −1..1. */
  record MinMax() implements Scaling {}

  /** To 0..1. */
  record Unit() implements Scaling {}

  record Divide(double by) implements Scaling {
    public Divide {
      if (!(Math.abs(by) > 0 && Double.isFinite(by))) {
        throw new IllegalArgumentException("divide must be a number other than 0, was " + by);
      }
    }
  }
}
