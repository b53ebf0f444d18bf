package io.trainyard.engine;

import io.trainyard.engine.NetworkWeights.LayerWeights;
import io.trainyard.spec.LayerSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Dense, dropout, batch_norm. */
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
  static Tensor mask(Tensor like, long[] shape, double rate, Pass pass, long purpose) {
    Tensor mask = torch.empty(shape).bernoulli_(1 - rate, pass.generator(purpose));
    Tensor scaled = mask.mul_(new Scalar(1 / (1 - rate)));
    return like.is_cuda() || like.scalar_type() != scaled.scalar_type()
        ? scaled.to(like.device(), like.scalar_type())
        : scaled;
  }

  /** Features are the last axis: all others, the batch too, are folded into one. */
  static LayerModule batchNorm(LayerSpec.BatchNorm spec, LayerWeights weights) {
    TensorOptional weight = weights.optional("weight");
    TensorOptional bias = weights.optional("bias");
    TensorOptional mean = weights.optional("running_mean");
    TensorOptional variance = weights.optional("running_var");
    Tensor batches = weights.tensor("num_batches_tracked");
    return (inputs, pass) -> {
      Tensor x = inputs[0];
      if (pass.training()) {
        batches.add_(new Scalar(1L));
      }
      Tensor flat = x.dim() == 2 ? x : x.reshape(-1, x.size(-1));
      Tensor y =
          torch.batch_norm(
              flat,
              weight,
              bias,
              mean,
              variance,
              pass.training(),
              spec.momentum(),
              spec.epsilon(),
              false);
      return x.dim() == 2 ? y : y.view_as(x);
    };
  }
}
