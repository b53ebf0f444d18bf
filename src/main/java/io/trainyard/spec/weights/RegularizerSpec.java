package io.trainyard.spec.weights;

import org.jspecify.annotations.Nullable;

/**
 * Penalties a layer adds to the loss: l1·Σ|w| + l2·Σw² on its kernels and not on its biases, and
 * penalties on its output.
 *
 * @param activityL2 times Σa² over a row's elements, in the mean over the batch's rows
 * @param sparsity keeps units mostly off, or null
 */
public record RegularizerSpec(
    double l1, double l2, double activityL2, @Nullable Sparsity sparsity) {
  public static final RegularizerSpec NONE = new RegularizerSpec(0, 0);

  public RegularizerSpec {
    requirePenalty("l1", l1);
    requirePenalty("l2", l2);
    requirePenalty("activity_l2", activityL2);
  }

  /** Penalties on kernels alone. */
  public RegularizerSpec(double l1, double l2) {
    this(l1, l2, 0, null);
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

  /**
   * weight·Σ_units KL(proportion ‖ ρ̂), ρ̂ the unit's mean activation over the batch, kept within
   * [1e-7, 1 − 1e-7].
   *
   * <p>KL(ρ ‖ ρ̂) = ρ·log(ρ/ρ̂) + (1 − ρ)·log((1 − ρ)/(1 − ρ̂)). Source: MATLAB's msesparse.
   */
  public record Sparsity(double weight, double proportion) {
    public Sparsity {
      requirePenalty("weight", weight);
      if (!(proportion > 0 && proportion < 1)) {
        throw new IllegalArgumentException("proportion must be in (0, 1), was " + proportion);
      }
    }
  }
}
