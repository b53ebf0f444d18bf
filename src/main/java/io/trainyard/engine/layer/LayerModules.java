package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.layer.TabularSpec;
import org.bytedeco.pytorch.Tensor;

/**
 * The register of native layers: each family of specs has a class of the same name here. A family
 * that is missing doesn't compile.
 */
public final class LayerModules {
  private LayerModules() {}

  /**
   * The layer's native operations.
   *
   * @param purpose separates this layer's random numbers from other layers'
   */
  public static LayerModule of(Layer layer, LayerShape shape, LayerWeights weights, long purpose) {
    return switch (layer.spec()) {
      case CoreSpec core -> CoreModules.of(core, weights, purpose);
      case ConvolutionSpec convolution -> ConvolutionModules.of(convolution, shape, weights);
      case PoolSpec pool -> PoolModules.of(pool, shape);
      case NormSpec norm -> NormModules.of(norm, shape, weights);
      case RecurrentSpec recurrent -> RecurrentModules.of(recurrent, weights, purpose);
      case AttentionSpec attention -> AttentionModules.of(attention, weights, purpose);
      case EmbeddingSpec embedding -> EmbeddingModules.of(embedding, weights);
      case NoiseSpec noise -> NoiseModules.of(noise, purpose);
      case AugmentationSpec augmentation -> AugmentationModules.of(augmentation, purpose);
      case ElementwiseSpec elementwise -> ElementwiseModules.of(elementwise, shape, weights);
      case TabularSpec tabular -> TabularModules.of(tabular, weights);
      case RearrangementSpec rearrangement -> RearrangementModules.of(rearrangement, shape);
      case MergeSpec merge -> MergeModules.of(merge, shape);
      // The input and output nodes of a nested model return their input.
      case NestedSpec _ -> (inputs, context) -> inputs[0];
      case LayerSpec.Foreign _ ->
          throw new IllegalStateException("a foreign network is not made of layers");
      case LambdaSpec lambda -> LambdaModules.of(layer, lambda, shape, weights);
    };
  }

  /** A random stream for one use within a layer. {@code use} is at most 63. */
  static long purpose(long layer, int use) {
    return layer + use;
  }

  /** The shape [rows of x, row...]. */
  static long[] batched(Tensor x, long... row) {
    long[] shape = new long[row.length + 1];
    shape[0] = x.size(0);
    System.arraycopy(row, 0, shape, 1, row.length);
    return shape;
  }
}
