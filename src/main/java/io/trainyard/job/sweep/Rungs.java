package io.trainyard.job.sweep;

import java.util.ArrayList;
import java.util.List;

/**
 * The rungs of a successive halving with factor 3: each has a third of the trials of the one before
 * and three times its epochs. Source: Jamieson and Talwalkar, 2016.
 *
 * @param steps the first has all trials, the last all epochs
 */
record Rungs(List<Rung> steps) {
  private static final int FACTOR = 3;

  Rungs {
    steps = List.copyOf(steps);
  }

  /** The trials that train up to an epoch. */
  record Rung(int trials, int epochs) {}

  /** One rung: all trials train for all epochs. */
  static Rungs single(int trials, int epochs) {
    return new Rungs(List.of(new Rung(trials, epochs)));
  }

  static Rungs halving(int trials, int epochs) {
    int divisor = 1;
    while (trials / (divisor * FACTOR) >= 1 && epochs / (divisor * FACTOR) >= 1) {
      divisor *= FACTOR;
    }
    List<Rung> steps = new ArrayList<>();
    int left = trials;
    for (; divisor >= 1; divisor /= FACTOR) {
      steps.add(new Rung(left, epochs / divisor));
      left = Math.max(1, left / FACTOR);
    }
    return new Rungs(steps);
  }
}
