package io.trainyard.engine;

import io.trainyard.spec.Layer;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.RegularizerSpec;
import io.trainyard.spec.WeightSpec;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** l1·Σ|w| + l2·Σw² over the kernels of the layers that learn. */
final class Penalties implements AutoCloseable {
  private record Penalty(Tensor kernel, double l1, double l2) {}

  private final List<Penalty> penalties = new ArrayList<>();

  Penalties(NetworkSpec network, NetworkShapes shapes, TrainedWeights weights) {
    for (Layer layer : network.layers()) {
      RegularizerSpec regularizer = layer.spec().rules().regularizer();
      // A kernel that several layers share counts once, under its owner.
      if (regularizer.isNone() || layer.share() != null) {
        continue;
      }
      for (WeightSpec weight : shapes.layer(layer.name()).weights()) {
        if (weight.isKernel() && weights.learns(weight.name())) {
          penalties.add(
              new Penalty(weights.tensor(weight.name()), regularizer.l1(), regularizer.l2()));
        }
      }
    }
  }

  boolean isEmpty() {
    return penalties.isEmpty();
  }

  Tensor addTo(Tensor loss) {
    Tensor sum = loss;
    for (Penalty penalty : penalties) {
      if (penalty.l1() > 0) {
        sum = sum.add(penalty.kernel().abs().sum(), new Scalar(penalty.l1()));
      }
      if (penalty.l2() > 0) {
        sum = sum.add(penalty.kernel().square().sum(), new Scalar(penalty.l2()));
      }
    }
    return sum;
  }

  @Override
  public void close() {
    penalties.clear();
  }
}
