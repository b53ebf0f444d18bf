package io.trainyard.engine.layer;

import io.trainyard.spec.layer.DataFormat;
import io.trainyard.spec.layer.NoiseSpec;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Layers that disturb while training. */
final class NoiseModules {
  private NoiseModules() {}

  static LayerModule of(NoiseSpec spec, long purpose) {
    return switch (spec) {
      case NoiseSpec.SpatialDropout dropout ->
          (inputs, pass) ->
              pass.training() && dropout.rate() > 0
                  ? inputs[0].mul(channels(dropout, inputs[0], pass, purpose))
                  : inputs[0];
      case NoiseSpec.GaussianNoise noise ->
          (inputs, pass) ->
              pass.training() && noise.std() > 0
                  ? inputs[0].add(noise(noise, inputs[0], pass, purpose))
                  : inputs[0];
    };
  }

  /** One number for each row and channel, spread over the other axes. */
  private static Tensor channels(
      NoiseSpec.SpatialDropout spec, Tensor x, ForwardContext pass, long purpose) {
    long[] shape = new long[(int) x.dim()];
    Arrays.fill(shape, 1);
    int axis = spec.dataFormat() == DataFormat.CHANNELS_LAST ? shape.length - 1 : 1;
    shape[0] = x.size(0);
    shape[axis] = x.size(axis);
    return CoreModules.mask(x, shape, spec.rate(), pass, purpose);
  }

  private static Tensor noise(
      NoiseSpec.GaussianNoise spec, Tensor x, ForwardContext pass, long purpose) {
    return torch
        .empty(x.sizes().vec().get())
        .normal_(0, spec.std(), pass.generator(purpose))
        .to(x.device(), x.scalar_type());
  }
}
