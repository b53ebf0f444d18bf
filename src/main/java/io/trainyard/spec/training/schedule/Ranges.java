package io.trainyard.spec.training.schedule;

/** The ranges of the schedules' parameters, and the curve that several share. */
final class Ranges {
  static final int MAX_EPOCHS = 1_000_000;

  private static final double MAX_RATE = 1e6;

  private Ranges() {}

  static void requireFactor(double factor) {
    if (!(factor > 0 && factor <= 10)) {
      throw new IllegalArgumentException("factor must be in (0, 10], was " + factor);
    }
  }

  static void requireRate(String name, double rate) {
    if (!(rate >= 0 && rate <= MAX_RATE)) {
      throw new IllegalArgumentException(name + " must be in [0, 1e6], was " + rate);
    }
  }

  /** From start at 0 to end at 1, along half a cosine. */
  static double cosine(double start, double end, double share) {
    return end + (start - end) * (1 + Math.cos(Math.PI * share)) / 2;
  }
}
