package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.NestedSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * One dense layer of a {@link DenseChain}: its weights and their gradients, both without autograd.
 */
record DenseLink(
    Function activation,
    Tensor weight,
    Tensor transposed,
    @Nullable Tensor bias,
    Tensor weightGradient,
    @Nullable Tensor biasGradient) {
  static DenseLink of(String layer, Function activation, TrainedWeights weights) {
    String stored = NestedSpec.stored(layer);
    String kernel = stored + ".weight";
    String bias = stored + ".bias";
    Tensor weight = weights.tensor(kernel).detach();
    boolean biased = weights.has(bias);
    return new DenseLink(
        activation,
        weight,
        weight.t(),
        biased ? weights.tensor(bias).detach() : null,
        weights.tensor(kernel).grad().detach(),
        biased ? weights.tensor(bias).grad().detach().unsqueeze(0) : null);
  }

  DenseLink withActivation(Function other) {
    return new DenseLink(other, weight, transposed, bias, weightGradient, biasGradient);
  }

  void keep(NativeHandles handles) {
    handles.keep(weight);
    handles.keep(transposed);
    handles.keep(weightGradient);
    if (bias != null && biasGradient != null) {
      handles.keep(bias);
      handles.keep(biasGradient);
    }
  }

  int units() {
    return (int) weight.size(0);
  }

  /** z = x·Wᵀ + b. */
  void forward(Tensor sums, Tensor x) {
    if (bias == null) {
      torch.mm_out(sums, x, transposed);
    } else {
      torch.addmm_out(sums, bias, x, transposed);
    }
  }

  /**
   * ∂W = Dᵀ·x, ∂b = ΣD.
   *
   * @param ones [1, rows]; the product with it takes a fraction of the time of a sum
   */
  void gradients(Tensor d, Tensor dTransposed, Tensor x, Tensor ones) {
    torch.mm_out(weightGradient, dTransposed, x);
    if (biasGradient != null) {
      torch.mm_out(biasGradient, ones, d);
    }
  }

  /** values = f(sums); both may be the same tensor. */
  static void activate(Function activation, Tensor values, Tensor sums) {
    switch (activation) {
      case LINEAR -> {}
      case SIGMOID -> torch.sigmoid_out(values, sums);
      case TANH -> torch.tanh_out(values, sums);
      // In place, relu needs one pass; relu_out makes two.
      case RELU -> {
        if (values.equals(sums)) {
          torch.relu_(values);
        } else {
          torch.relu_out(values, sums);
        }
      }
      case SOFTMAX -> torch.softmax_out(values, sums, -1);
      default -> throw new IllegalArgumentException("a dense chain has no " + activation);
    }
  }

  /** d ← d·f′, computed from f's values. */
  static void slope(Function activation, Tensor d, Tensor values) {
    switch (activation) {
      case LINEAR -> {}
      case SIGMOID -> torch.sigmoid_backward_out(d, d, values);
      case TANH -> torch.tanh_backward_out(d, d, values);
      case RELU -> torch.threshold_backward_out(d, d, values, new Scalar(0.0f));
      default -> throw new IllegalArgumentException("a dense chain has no " + activation);
    }
  }
}
