package io.trainyard.engine;

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

/** After a step, shortens each unit's row of kernel weights to its layer's max_norm. */
final class MaxNormConstraint implements AutoCloseable {
  private record Limit(Tensor kernel, int unitAxis, Scalar longest) {}

  private final NativeHandles retained = new NativeHandles();
  private final List<Limit> limits = new ArrayList<>();
  private final Scalar two = retained.keep(new Scalar(2.0));

  MaxNormConstraint(NetworkSpec network, NetworkShapes shapes, TrainedWeights weights) {
    for (Layer layer : network.layers()) {
      Double longest = layer.spec().rules().maxNorm();
      if (longest == null || layer.share() != null) {
        continue;
      }
      for (WeightSpec weight : shapes.layer(layer.name()).weights()) {
        if (weight.isKernel() && weights.isTrainable(weight.name())) {
          limits.add(
              new Limit(
                  retained.keep(weights.tensor(weight.name()).detach()),
                  unitAxis(layer.spec()),
                  retained.keep(new Scalar((double) longest))));
        }
      }
    }
  }

  /**
   * PyTorch lays a transposed convolution's kernel out as [in, out, ...], all others [out, ...].
   */
  private static int unitAxis(LayerSpec spec) {
    return spec instanceof TransposedConvolutionSpec ? 1 : 0;
  }

  void apply() {
    for (Limit limit : limits) {
      limit.kernel().renorm_(two, limit.unitAxis(), limit.longest());
    }
  }

  @Override
  public void close() {
    retained.close();
  }
}
