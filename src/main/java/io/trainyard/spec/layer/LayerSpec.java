package io.trainyard.spec.layer;

import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import java.util.List;

/**
 * What a layer computes; one record per type, one file per family. Each record knows its formula,
 * how it is read and its shapes; {@link LayerTypes} lists them, {@code engine.layer} computes them.
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
        AugmentationSpec,
        ElementwiseSpec,
        RearrangementSpec,
        MergeSpec,
        LambdaSpec,
        NestedSpec {
  /** The type as callers write it. */
  String type();

  /** Output shape, weights and costs; throws what does not fit, with the layer's name. */
  LayerShape infer(LayerInputs inputs);

  /** The activation applied last; linear when there is none. */
  default ActivationSpec activation() {
    return ActivationSpec.LINEAR;
  }

  /** Whether it is an activation and nothing else: the value before it is its input. */
  default boolean isActivation() {
    return false;
  }

  /** Whether its output before the activation is a linear function of its input plus a constant. */
  default boolean isAffine() {
    return false;
  }

  /** Whether each element of its output is an element of its inputs, or a zero. */
  default boolean movesElements() {
    return switch (this) {
      case RearrangementSpec _, NestedSpec _, CoreSpec.Flatten _, MergeSpec.Concat _ -> true;
      case AugmentationSpec.Flip _, AugmentationSpec.Crop _ -> true;
      case LambdaSpec lambda -> lambda.isPartOfInput();
      default -> false;
    };
  }

  /** Whether elements of its inputs may be missing in its output. */
  default boolean dropsElements() {
    return switch (this) {
      case RearrangementSpec.Crop _, RearrangementSpec.Slice _, RearrangementSpec.LastStep _ ->
          true;
      case AugmentationSpec.Crop _ -> true;
      case LambdaSpec lambda -> !(lambda.expression() instanceof Expression.Variable);
      default -> false;
    };
  }

  /** Whether no gradient reaches the weights of this layer. */
  default boolean hasNoGradient() {
    return activation().hasNoGradient();
  }

  /**
   * Whether a gradient reaches one of its inputs.
   *
   * @param inputs the names of its inputs
   * @param input the position of one of them
   */
  default boolean passesGradient(List<String> inputs, int input) {
    return !hasNoGradient();
  }

  /** What stops the gradient, in words for a warning. */
  default String gradientStopper() {
    return "the activation " + activation().function().word();
  }

  /** Whether the regularizer and the max-norm constraint are for this weight of the layer. */
  default boolean isRegularized(WeightSpec weight) {
    return weight.isKernel();
  }

  /** Initializers, regularizer and max-norm constraint; unused by a layer without weights. */
  default WeightRules rules() {
    return WeightRules.DEFAULT;
  }
}
