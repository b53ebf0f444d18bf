package io.trainyard.spec.training;

import io.trainyard.tensor.ElementType;

/** The numbers that a training computes with. Published weights are float32. */
public enum Precision {
  /** Weights, activations, gradients and optimizer state of 32 bits. */
  FLOAT32,
  /**
   * Matrix products and convolutions of training steps in bfloat16, where libtorch's autocast
   * allows it; weights, their gradients, losses and the optimizer stay float32, as do evaluations.
   * Source: torch.autocast.
   */
  BFLOAT16,
  /** Everything of 64 bits. */
  FLOAT64;

  /** The type of the weights while they are trained. */
  public ElementType weights() {
    return switch (this) {
      case FLOAT32, BFLOAT16 -> ElementType.FLOAT32;
      case FLOAT64 -> ElementType.FLOAT64;
    };
  }
}
