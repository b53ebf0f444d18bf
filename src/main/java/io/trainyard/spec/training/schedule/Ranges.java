package io.trainyard.spec.training.schedule;

import io.trainyard.json.JsonObject;

/** The ranges of the schedules' parameters, and the curve that several share. */
final class Ranges {
  static final int MAX_EPOCHS = 1_000_000;

  private static final double MAX_RATE = 1e6;

  private Ranges() {}

  static void requireFactor(double factor) {
    JsonObject.require(factor > 0 && factor <= 10, "factor must be in (0, 10]", factor);
  }

  static void requireRate(String name, double rate) {
    JsonObject.require(rate >= 0 && rate <= MAX_RATE, name + " must be in [0, 1e6]", rate);
  }

  /** From start at 0 to end at 1, along half a cosine. */
  static double cosine(double start, double end, double share) {
    return end + (start - end) * (1 + Math.cos(Math.PI * share)) / 2;
  }
}
