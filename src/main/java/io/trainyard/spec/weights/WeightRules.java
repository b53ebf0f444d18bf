package io.trainyard.spec.weights;

import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.InitializerSpec.Glorot;
import org.jspecify.annotations.Nullable;

/**
 * How a layer's weights start and what keeps them small.
 *
 * @param initializer of the kernels
 * @param biasInitializer of the biases
 * @param regularizer on the kernels, never on the biases, and on the layer's output
 * @param maxNorm the longest a unit's row of kernel weights may be after a step, or null
 */
public record WeightRules(
    InitializerSpec initializer,
    InitializerSpec biasInitializer,
    RegularizerSpec regularizer,
    @Nullable Double maxNorm) {
  /** Glorot's uniform kernels, biases 0, no penalty. */
  public static final WeightRules DEFAULT =
      new WeightRules(new Glorot(true), new Constant(0), RegularizerSpec.NONE);

  public WeightRules {
    if (maxNorm != null && !(maxNorm > 0 && Double.isFinite(maxNorm))) {
      throw new IllegalArgumentException("max_norm must be above 0, was " + maxNorm);
    }
  }

  public WeightRules(
      InitializerSpec initializer, InitializerSpec biasInitializer, RegularizerSpec regularizer) {
    this(initializer, biasInitializer, regularizer, null);
  }

  public WeightRules withInitializer(InitializerSpec other) {
    return new WeightRules(other, biasInitializer, regularizer, maxNorm);
  }

  public WeightRules withBiasInitializer(InitializerSpec other) {
    return new WeightRules(initializer, other, regularizer, maxNorm);
  }

  public WeightRules withRegularizer(RegularizerSpec other) {
    return new WeightRules(initializer, biasInitializer, other, maxNorm);
  }

  public WeightRules withMaxNorm(double longest) {
    return new WeightRules(initializer, biasInitializer, regularizer, longest);
  }
}
