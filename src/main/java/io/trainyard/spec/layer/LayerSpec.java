package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightRules;
import java.util.List;

/**
 * What a layer computes; one record per type. Two exhaustive switches give it meaning: shapes and
 * weights in {@code ShapeInference}, native modules in the engine.
 */
public sealed interface LayerSpec
    permits CoreSpec,
        ConvolutionSpec,
        PoolSpec,
        NormSpec,
        RecurrentSpec,
        AttentionSpec,
        EmbeddingSpec,
        NoiseSpec,
        ElementwiseSpec,
        RearrangementSpec,
        MergeSpec,
        LambdaSpec,
        NestedSpec {
  /** The type as callers write it. */
  String type();

  /** What the layer applies last; linear where there is none. */
  default ActivationSpec activation() {
    return ActivationSpec.LINEAR;
  }

  /**
   * Whether, its activation aside, its output is a linear function of its input plus a constant.
   */
  default boolean isAffine() {
    return false;
  }

  /** Whether no gradient reaches its own weights. */
  default boolean hasNoGradient() {
    return activation().hasNoGradient();
  }

  /** Whether a gradient comes through to one of its inputs. */
  default boolean passesGradient(List<String> inputs, int input) {
    return !hasNoGradient();
  }

  /** What stops the gradient, in words. */
  default String gradientStopper() {
    return "the activation " + ActivationReader.name(activation().function());
  }

  /** How its weights start and are kept small; says nothing for a layer without weights. */
  default WeightRules rules() {
    return WeightRules.DEFAULT;
  }
}
