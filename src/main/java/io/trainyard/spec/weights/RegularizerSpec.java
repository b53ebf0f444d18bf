package io.trainyard.spec.weights;

import io.trainyard.json.JsonObject;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Penalties that a layer adds to the loss: l1·Σ|w| + l2·Σw² over its kernels, not its biases, and
 * penalties on its output. A layer without kernels has them on its scales or slope. Source:
 * tf.keras.regularizers.
 *
 * @param activityL2 times Σa² over a row's elements, averaged over the batch's rows
 * @param sparsity keeps units near 0 for most rows; null for none
 */
public record RegularizerSpec(
    double l1, double l2, double activityL2, @Nullable Sparsity sparsity) {
  public static final RegularizerSpec NONE = new RegularizerSpec(0, 0);

  public RegularizerSpec {
    requirePenalty("l1", l1);
    requirePenalty("l2", l2);
    requirePenalty("activity_l2", activityL2);
  }

  /** Penalties on kernels only. */
  public RegularizerSpec(double l1, double l2) {
    this(l1, l2, 0, null);
  }

  /** A layer's member {@code regularizer}; none when it is missing or refused. */
  static RegularizerSpec read(JsonObject layer) {
    JsonObject regularizer = layer.object("regularizer");
    if (regularizer == null) {
      return NONE;
    }
    RegularizerSpec spec = regularizer.untangled(RegularizerSpec::penalties);
    regularizer.finish();
    return Objects.requireNonNullElse(spec, NONE);
  }

  private static @Nullable RegularizerSpec penalties(JsonObject regularizer) {
    double l1 = regularizer.number("l1", 0);
    double l2 = regularizer.number("l2", 0);
    double activityL2 = regularizer.number("activity_l2", 0);
    JsonObject given = regularizer.object("sparsity");
    Sparsity sparsity = given == null ? null : Sparsity.read(given);
    return regularizer.build(() -> new RegularizerSpec(l1, l2, activityL2, sparsity));
  }

  /** Whether it adds nothing. */
  public boolean isNone() {
    return equals(NONE);
  }

  private static void requirePenalty(String name, double penalty) {
    JsonObject.require(
        penalty >= 0 && Double.isFinite(penalty), name + " must be at least 0", penalty);
  }

  /**
   * weight·Σ_units KL(proportion ‖ ρ̂), where ρ̂ is the unit's mean activation over the batch,
   * clamped to [1e-7, 1 − 1e-7].
   *
   * <p>KL(ρ ‖ ρ̂) = ρ·log(ρ/ρ̂) + (1 − ρ)·log((1 − ρ)/(1 − ρ̂)). Source: MATLAB's msesparse.
   */
  public record Sparsity(double weight, double proportion) {
    public Sparsity {
      requirePenalty("weight", weight);
      JsonObject.require(
          proportion > 0 && proportion < 1, "proportion must be in (0, 1)", proportion);
    }

    private static @Nullable Sparsity read(JsonObject members) {
      Sparsity sparsity =
          members.untangled(
              each -> {
                double weight = each.requiredNumber("weight");
                double proportion = each.requiredNumber("proportion");
                // What is missing or refused has the place of a number that is allowed.
                return each.build(
                    () ->
                        new Sparsity(
                            Double.isNaN(weight) ? 0 : weight,
                            Double.isNaN(proportion) ? 0.5 : proportion));
              });
      members.finish();
      return sparsity;
    }
  }
}
