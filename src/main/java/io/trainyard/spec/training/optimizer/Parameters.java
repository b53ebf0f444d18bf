package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.number;
import static io.trainyard.spec.description.MemberSchema.ref;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.MemberSchema;

/** The ranges of the optimizers' parameters: their checks, and their schemas with a default. */
final class Parameters {
  private Parameters() {}

  static void requireRate(double learningRate) {
    JsonObject.require(
        learningRate > 0 && learningRate <= 1e6,
        "learning_rate must be above 0 and at most 1e6",
        learningRate);
  }

  static MemberSchema rate(Number usual) {
    return number().above(0).atMost(1e6).or(usual);
  }

  static void requireShare(String name, double share) {
    JsonObject.require(share >= 0 && share < 1, name + " must be in [0, 1)", share);
  }

  static MemberSchema share(Number usual) {
    return number().atLeast(0).below(1).or(usual);
  }

  static void requireNonNegative(String name, double number) {
    JsonObject.require(
        number >= 0 && Double.isFinite(number), name + " must be at least 0", number);
  }

  static MemberSchema nonNegative(Number usual) {
    return number().atLeast(0).or(usual);
  }

  /** A weight decay, which may follow a schedule. */
  static MemberSchema decay(Number usual) {
    return anyOf(number().atLeast(0), ref("ScheduledDecay"))
        .or(usual)
        .says(
            "Weight decay: the share of each weight that is subtracted. A schedule lets it"
                + " change.");
  }

  static void requireAbove(String name, double number) {
    JsonObject.require(number > 0 && Double.isFinite(number), name + " must be above 0", number);
  }

  static MemberSchema above(Number usual) {
    return number().above(0).or(usual);
  }

  static void requireAtLeastOne(String name, double number) {
    JsonObject.require(
        number >= 1 && Double.isFinite(number), name + " must be at least 1", number);
  }

  static MemberSchema atLeastOne(Number usual) {
    return number().atLeast(1).or(usual);
  }

  static void requireFraction(String name, double number) {
    JsonObject.require(number > 0 && number < 1, name + " must be between 0 and 1", number);
  }

  static MemberSchema fraction(Number usual) {
    return number().above(0).below(1).or(usual);
  }
}
