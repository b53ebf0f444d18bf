package io.trainyard.engine.layer;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.tensor.DataFormat;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Random layers that are the identity at prediction, unless it is sampled. */
final class NoiseModules {
  private NoiseModules() {}

  static LayerModule of(NoiseSpec spec, long purpose) {
    return switch (spec) {
      case NoiseSpec.SpatialDropout dropout ->
          (inputs, context) ->
              context.draws() && dropout.rate() > 0
                  ? inputs[0].mul(channelMask(dropout, inputs[0], context, purpose))
                  : inputs[0];
      case NoiseSpec.GaussianNoise noise ->
          (inputs, context) ->
              context.draws() && noise.std() > 0
                  ? inputs[0].add(noise(noise, inputs[0], context, purpose))
                  : inputs[0];
    };
  }

  /** A dropout mask of one number per row and channel; it broadcasts over the other axes. */
  private static Tensor channelMask(
      NoiseSpec.SpatialDropout spec, Tensor x, ForwardContext context, long purpose) {
    long[] shape = new long[(int) x.dim()];
    Arrays.fill(shape, 1);
    int axis = spec.dataFormat() == DataFormat.CHANNELS_LAST ? shape.length - 1 : 1;
    shape[0] = x.size(0);
    shape[axis] = x.size(axis);
    return CoreModules.mask(x, shape, spec.rate(), context, purpose);
  }

  private static Tensor noise(
      NoiseSpec.GaussianNoise spec, Tensor x, ForwardContext context, long purpose) {
    Tensor noise =
        TensorConversion.emptyLike(x, x.sizes().vec().get())
            .normal_(0, spec.std(), context.generator(purpose));
    return TensorConversion.as(x.scalar_type().intern(), noise);
  }
}
