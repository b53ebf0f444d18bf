package io.trainyard.spec.training;

/** What training makes small: a mean over an output's elements, then over rows. */
public sealed interface LossSpec {
  String type();

  /** Whether the output is taken for logits, which are no answer yet. */
  default boolean fromLogits() {
    return false;
  }

  /** mean((prediction − target)²). */
  record Mse() implements LossSpec {
    @Override
    public String type() {
      return "mse";
    }
  }

  /** mean(|prediction − target|). */
  record Mae() implements LossSpec {
    @Override
    public String type() {
      return "mae";
    }
  }

  /**
   * −t·log p − (1 − t)·log(1 − p), from the logits under a sigmoid output.
   *
   * @param fromLogits the output is the logit itself
   */
  record BinaryCrossentropy(boolean fromLogits) implements LossSpec {
    @Override
    public String type() {
      return "binary_crossentropy";
    }
  }

  /**
   * −log p of the true class, from the logits under a softmax output.
   *
   * @param fromLogits the output is the logits themselves
   */
  record CategoricalCrossentropy(boolean fromLogits) implements LossSpec {
    @Override
    public String type() {
      return "categorical_crossentropy";
    }
  }
}
