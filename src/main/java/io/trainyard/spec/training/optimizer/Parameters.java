package io.trainyard.spec.training.optimizer;

/** The ranges of the optimizers' parameters. */
final class Parameters {
  private Parameters() {}

  static void requireRate(double learningRate) {
    if (!(learningRate > 0 && learningRate <= 1e6)) {
      throw new IllegalArgumentException(
          "learning_rate must be above 0 and at most 1e6, was " + learningRate);
    }
  }

  static void requireShare(String name, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException(name + " must be in [0, 1), was " + share);
    }
  }

  static void requireNonNegative(String name, double number) {
    if (!(number >= 0 && Double.isFinite(number))) {
      throw new IllegalArgumentException(name + " must be at least 0, was " + number);
    }
  }

  static void requireAbove(String name, double number) {
    if (!(number > 0 && Double.isFinite(number))) {
      throw new IllegalArgumentException(name + " must be above 0, was " + number);
    }
  }

  static void requireAtLeastOne(String name, double number) {
    if (!(number >= 1 && Double.isFinite(number))) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + number);
    }
  }

  static void requireFraction(String name, double number) {
    if (!(number > 0 && number < 1)) {
      throw new IllegalArgumentException(name + " must be between 0 and 1, was " + number);
    }
  }
}
