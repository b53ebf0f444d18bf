package io.trainyard.spec;

import io.trainyard.spec.InitializerSpec.Constant;
import io.trainyard.spec.InitializerSpec.Glorot;

/**
 * How a layer's weights start and what keeps them small.
 *
 * @param initializer of the kernels
 * @param biasInitializer of the biases
 * @param regularizer on the kernels, never on the biases
 */
public record WeightRules(
    InitializerSpec initializer, InitializerSpec biasInitializer, RegularizerSpec regularizer) {
  /** Glorot's uniform kernels, biases 0, no penalty. */
  public static final WeightRules DEFAULT =
      new WeightRules(new Glorot(true), new Constant(0), RegularizerSpec.NONE);

  public WeightRules withInitializer(InitializerSpec other) {
    return new WeightRules(other, biasInitializer, regularizer);
  }

  public WeightRules withBiasInitializer(InitializerSpec other) {
    return new WeightRules(initializer, other, regularizer);
  }

  public WeightRules withRegularizer(RegularizerSpec other) {
    return new WeightRules(initializer, biasInitializer, other);
  }
}
