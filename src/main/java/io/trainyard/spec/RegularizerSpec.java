package io.trainyard.spec;

/** A penalty added to the loss: l1·Σ|w| + l2·Σw², on kernels and not on biases. */
public record RegularizerSpec(double l1, double l2) {
  public RegularizerSpec {
    if (!(l1 >= 0 && l2 >= 0)) {
      throw new IllegalArgumentException("l1 and l2 must be at least 0, were " + l1 + ", " + l2);
    }
  }
}
