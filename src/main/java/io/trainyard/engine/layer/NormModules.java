package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.tensor.DataFormat;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalization layers. */
final class NormModules {
  private NormModules() {}

  static LayerModule of(NormSpec spec, LayerShape shape, LayerWeights weights) {
    return switch (spec) {
      case NormSpec.BatchNorm norm -> batchNorm(norm, weights);
      case NormSpec.LayerNorm norm -> layerNorm(norm, shape.output().last(), weights);
      case NormSpec.GroupNorm norm -> groupNorm(norm, weights);
    };
  }

  /** Features are the last axis; all other axes, the batch included, are flattened into one. */
  private static LayerModule batchNorm(NormSpec.BatchNorm spec, LayerWeights weights) {
    TensorOptional weight = weights.optional("weight");
    TensorOptional bias = weights.optional("bias");
    TensorOptional mean = weights.optional("running_mean");
    TensorOptional variance = weights.optional("running_var");
    Tensor batches = weights.tensor("num_batches_tracked");
    boolean first = spec.dataFormat() == DataFormat.CHANNELS_FIRST;
    return (inputs, context) -> {
      Tensor x = inputs[0];
      boolean asIs = x.dim() == 2 || first;
      Tensor flat = asIs ? x : x.reshape(-1, x.size(-1));
      // A last batch with one number per feature has no variance, and PyTorch refuses it.
      boolean updates = context.training() && flat.numel() > flat.size(1);
      if (updates) {
        batches.add_(new Scalar(1L));
      }
      Tensor y =
          torch.batch_norm(
              flat, weight, bias, mean, variance, updates, spec.momentum(), spec.epsilon(), false);
      return asIs ? y : y.view_as(x);
    };
  }

  private static LayerModule layerNorm(
      NormSpec.LayerNorm spec, long features, LayerWeights weights) {
    TensorOptional weight = weights.optional("weight");
    TensorOptional bias = weights.optional("bias");
    long[] axes = {features};
    return (inputs, context) ->
        torch.layer_norm(inputs[0], axes, weight, bias, spec.epsilon(), false);
  }

  /**
   * libtorch's backward for channels-last memory writes the input's gradient without asking whether
   * one is wanted, and crashes when no layer before has trained weights. Then the spatial axes are
   * flattened: tensors of three axes have no channels-last memory. Source:
   * GroupNormBackwardKernelImplChannelsLastInternal.
   */
  private static LayerModule groupNorm(NormSpec.GroupNorm spec, LayerWeights weights) {
    TensorOptional weight = weights.optional("weight");
    TensorOptional bias = weights.optional("bias");
    boolean last = spec.dataFormat() == DataFormat.CHANNELS_LAST;
    return (inputs, context) -> {
      Tensor x = last ? inputs[0].movedim(-1, 1) : inputs[0];
      boolean flattens = context.training() && x.dim() > 2 && !x.requires_grad();
      Tensor rows = flattens ? x.flatten(2, -1) : x;
      Tensor normed = torch.group_norm(rows, spec.groups(), weight, bias, spec.epsilon(), false);
      Tensor y = flattens ? normed.view_as(x) : normed;
      return last ? y.movedim(1, -1).contiguous() : y;
    };
  }
}
