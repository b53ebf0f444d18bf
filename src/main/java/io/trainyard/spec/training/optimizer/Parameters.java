package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;

/** The ranges of the optimizers' parameters. */
final class Parameters {
  private Parameters() {}

  static void requireRate(double learningRate) {
    JsonObject.require(
        learningRate > 0 && learningRate <= 1e6,
        "learning_rate must be above 0 and at most 1e6",
        learningRate);
  }

  static void requireShare(String name, double share) {
    JsonObject.require(share >= 0 && share < 1, name + " must be in [0, 1)", share);
  }

  static void requireNonNegative(String name, double number) {
    JsonObject.require(
        number >= 0 && Double.isFinite(number), name + " must be at least 0", number);
  }

  static void requireAbove(String name, double number) {
    JsonObject.require(number > 0 && Double.isFinite(number), name + " must be above 0", number);
  }

  static void requireAtLeastOne(String name, double number) {
    JsonObject.require(
        number >= 1 && Double.isFinite(number), name + " must be at least 1", number);
  }

  static void requireFraction(String name, double number) {
    JsonObject.require(number > 0 && number < 1, name + " must be between 0 and 1", number);
  }
}
