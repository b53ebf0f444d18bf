package io.trainyard.spec;

/** A penalty added to the loss: l1·Σ|w| + l2·Σw², on kernels and not on biases. */
public record RegularizerSpec(double l1, double l2) {
  public static final RegularizerSpec NONE = new RegularizerSpec(0, 0);

  public RegularizerSpec {
    requirePenalty("l1", l1);
    requirePenalty("l2", l2);
  }

  /** Whether it adds anything. */
  public boolean isNone() {
    return equals(NONE);
  }

  private static void requirePenalty(String name, double penalty) {
    if (!(penalty >= 0 && Double.isFinite(penalty))) {
      throw new IllegalArgumentException(name + " must be at least 0, was " + penalty);
    }
  }
}
