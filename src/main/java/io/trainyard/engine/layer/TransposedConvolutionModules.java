package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.spec.layer.TransposedConvolutionSpec.TransposedSpan;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Transposed convolutions. libtorch pads both ends equally; other padding is cut off the output of
 * an unpadded convolution.
 */
final class TransposedConvolutionModules {
  private TransposedConvolutionModules() {}

  static LayerModule of(TransposedConvolutionSpec spec, Shape input, LayerWeights weights) {
    ChannelLayout layout = new ChannelLayout(spec.dataFormat(), 2);
    List<TransposedSpan> spans = spec.spans(spec.dataFormat().spatial(input));
    Tensor weight = weights.tensor("weight");
    TensorOptional bias = weights.optional("bias");
    long[] strides = layout.lift(1, spec.window().strides());
    long[] dilation = layout.lift(1, spec.window().dilation());
    long[] extra = spans.stream().mapToLong(TransposedSpan::extra).toArray();
    boolean symmetric = TransposedSpan.cropsInKernel(spans);
    long[] padding = spans.stream().mapToLong(axis -> symmetric ? axis.before() : 0).toArray();
    return (inputs, context) -> {
      Tensor y =
          torch.conv_transpose2d(
              layout.toNative(inputs[0]),
              weight,
              bias,
              strides,
              padding,
              extra,
              spec.groups(),
              dilation);
      for (int axis = 0; axis < 2 && !symmetric; axis++) {
        y = y.narrow(2 + axis, spans.get(axis).before(), spans.get(axis).out());
      }
      return layout.fromNative(y);
    };
  }
}
