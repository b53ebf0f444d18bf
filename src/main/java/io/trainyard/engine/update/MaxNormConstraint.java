package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.spec.weights.WeightSpec;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Scales each unit's kernel weights, or its scale, down to the layer's max_norm; applied after each
 * step.
 */
final class MaxNormConstraint implements AutoCloseable {
  private record Limit(Tensor kernel, int unitAxis, Scalar maxNorm) {}

  private final NativeHandles handles = new NativeHandles();
  private final List<Limit> limits = new ArrayList<>();
  private final Scalar two = handles.keep(new Scalar(2.0));

  MaxNormConstraint(NetworkSpec network, NetworkShapes shapes, TrainedWeights weights) {
    for (Layer layer : network.layers()) {
      Double maxNorm = layer.spec().rules().maxNorm();
      if (maxNorm == null || layer.share() != null) {
        continue;
      }
      for (WeightSpec weight : shapes.layer(layer.name()).weights()) {
        if (layer.spec().isRegularized(weight) && weights.isTrainable(weight.name())) {
          limits.add(
              new Limit(
                  rows(weights.tensor(weight.name())),
                  unitAxis(layer.spec()),
                  handles.keep(new Scalar((double) maxNorm))));
        }
      }
    }
  }

  /** The weight; a scale per unit as rows of one number, because renorm takes two axes or more. */
  private Tensor rows(Tensor weight) {
    Tensor kernel = handles.keep(weight.detach());
    return kernel.dim() > 1 ? kernel : handles.keep(kernel.unsqueeze(1));
  }

  /**
   * PyTorch lays a transposed convolution's kernel out as [in, out, ...], all others [out, ...].
   */
  private static int unitAxis(LayerSpec spec) {
    return spec instanceof TransposedConvolutionSpec ? 1 : 0;
  }

  void apply() {
    for (Limit limit : limits) {
      limit.kernel().renorm_(two, limit.unitAxis(), limit.maxNorm());
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
