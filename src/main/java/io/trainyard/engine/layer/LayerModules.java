package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Gives every layer spec its native operations. */
public final class LayerModules {
  private LayerModules() {}

  /**
   * @param purpose tells this layer's random numbers from other layers'
   */
  public static LayerModule of(Layer layer, LayerShape shape, LayerWeights weights, long purpose) {
    return switch (layer.spec()) {
      case CoreSpec.Dense dense -> CoreModules.dense(weights);
      case CoreSpec.Activation activation -> (inputs, pass) -> inputs[0];
      case CoreSpec.Dropout dropout -> CoreModules.dropout(dropout.rate(), purpose);
      case CoreSpec.Flatten flatten -> (inputs, pass) -> torch.flatten(inputs[0], 1, -1);
      case ConvolutionSpec convolution -> ConvolutionModules.of(convolution, shape, weights);
      case PoolSpec pool -> PoolModules.of(pool, shape);
      case NormSpec norm -> NormModules.of(norm, shape, weights);
      case RecurrentSpec recurrent -> RecurrentModules.of(recurrent, weights, purpose);
      case AttentionSpec attention -> AttentionModules.of(attention, weights, purpose);
      case EmbeddingSpec embedding -> AttentionModules.embedding(embedding, weights);
      case NoiseSpec noise -> NoiseModules.of(noise, purpose);
      case ElementwiseSpec elementwise -> ElementwiseModules.of(elementwise, shape, weights);
      case RearrangementSpec rearrangement -> RearrangementModules.of(rearrangement, shape);
      case MergeSpec merge -> ElementwiseModules.merge(merge, shape);
      case NestedSpec _ -> (inputs, pass) -> inputs[0];
      case LambdaSpec lambda -> LambdaModule.of(layer, lambda, shape, weights);
    };
  }

  /** One of a layer's several uses of random numbers, fewer than 64. */
  static long purpose(long layer, int use) {
    return layer + use;
  }

  /** The batch's number of rows and then these lengths. */
  static long[] batched(Tensor x, long... row) {
    long[] shape = new long[row.length + 1];
    shape[0] = x.size(0);
    System.arraycopy(row, 0, shape, 1, row.length);
    return shape;
  }
}
