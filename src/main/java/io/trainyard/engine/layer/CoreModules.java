package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Dense and dropout. */
final class CoreModules {
  private CoreModules() {}

  static LayerModule dense(LayerWeights weights) {
    Tensor weight = weights.tensor("weight");
    TensorOptional bias = weights.optional("bias");
    return (inputs, pass) -> torch.linear(inputs[0], weight, bias);
  }

  static LayerModule dropout(double rate, long purpose) {
    return (inputs, pass) ->
        pass.training() && rate > 0
            ? inputs[0].mul(mask(inputs[0], inputs[0].sizes().vec().get(), rate, pass, purpose))
            : inputs[0];
  }

  /**
   * 0 with probability rate, else 1/(1 − rate). Drawn on the CPU whatever the device, so that the
   * numbers are the same.
   */
  static Tensor mask(Tensor like, long[] shape, double rate, ForwardContext pass, long purpose) {
    Tensor mask = torch.empty(shape).bernoulli_(1 - rate, pass.generator(purpose));
    Tensor scaled = mask.mul_(new Scalar(1 / (1 - rate)));
    return like.is_cuda() || like.scalar_type() != scaled.scalar_type()
        ? scaled.to(like.device(), like.scalar_type())
        : scaled;
  }
}
