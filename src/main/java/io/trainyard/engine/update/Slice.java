package io.trainyard.engine.update;

import io.trainyard.engine.weights.TrainedWeights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Some of the weights, with their gradient and their part of the optimizer's state. A slice of all
 * weights is the flat tensor itself.
 */
final class Slice {
  private final WeightGroup.Range range;
  private final OptimizerState state;
  private final Tensor weights;
  private final Tensor gradient;

  Slice(TrainedWeights all, WeightGroup.Range range, OptimizerState state) {
    this.range = range;
    this.state = state;
    weights = part(all.flat());
    gradient = part(all.gradient());
  }

  private Tensor part(Tensor all) {
    return range.length() == all.numel()
        ? all
        : state.handles().keep(all.narrow(0, range.offset(), range.length()));
  }

  Tensor weights() {
    return weights;
  }

  Tensor gradient() {
    return gradient;
  }

  /** The gradient of the loss and of the weight decay λ: g + λ·w. */
  Tensor gradient(double decay) {
    return decay > 0 ? gradient.add(weights, new Scalar(decay)) : gradient;
  }

  /** A part of the optimizer's state, which starts at 0. */
  Tensor state(String name) {
    return state(name, 0);
  }

  Tensor state(String name, double start) {
    return part(state.tensor(name, start));
  }
}
