package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.ConvolutionSpec.Convolution;
import io.trainyard.spec.layer.ConvolutionSpec.Depthwise;
import io.trainyard.spec.layer.ConvolutionSpec.Separable;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.spec.layer.TransposedConvolutionSpec.TransposedSpan;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Convolutions, in either data format without a copy of channels-last rows. */
final class ConvolutionModules {
  private static final long[] ONES = {1, 1};
  private static final long[] ZEROS = {0, 0};

  private ConvolutionModules() {}

  static LayerModule of(ConvolutionSpec spec, LayerShape shape, LayerWeights weights) {
    Shape input = shape.inputs().getFirst();
    return switch (spec) {
      case Convolution convolution ->
          correlate(
              convolution,
              input,
              weights.tensor("weight"),
              weights.optional("bias"),
              convolution.groups());
      case Depthwise depthwise ->
          correlate(
              depthwise,
              input,
              weights.tensor("weight"),
              weights.optional("bias"),
              depthwise.dataFormat().channels(input));
      case Separable separable -> separable(separable, input, weights);
      case TransposedConvolutionSpec transposed -> transposed(transposed, input, weights);
    };
  }

  private static LayerModule correlate(
      ConvolutionSpec spec, Shape input, Tensor weight, TensorOptional bias, long groups) {
    ChannelLayout layout = new ChannelLayout(spec.dataFormat(), spec.window().axes());
    WindowPadding padding =
        new WindowPadding(layout, spec.window().spans(spec.dataFormat().spatial(input)));
    long[] strides = layout.lift(1, longs(spec.window().strides()));
    long[] dilation = layout.lift(1, longs(spec.window().dilation()));
    boolean volume = layout.nativeAxes() == 3;
    return (inputs, pass) -> {
      Tensor x = padding.apply(layout.toNative(inputs[0]), 0);
      Tensor kernel = layout.liftKernel(weight);
      Tensor y =
          volume
              ? torch.conv3d(x, kernel, bias, strides, padding.perAxis(), dilation, groups)
              : torch.conv2d(x, kernel, bias, strides, padding.perAxis(), dilation, groups);
      return layout.fromNative(y);
    };
  }

  private static LayerModule separable(Separable separable, Shape input, LayerWeights weights) {
    LayerModule depthwise =
        correlate(
            separable,
            input,
            weights.tensor("depthwise.weight"),
            weights.optional("depthwise.bias"),
            separable.dataFormat().channels(input));
    ChannelLayout layout = new ChannelLayout(separable.dataFormat(), 2);
    Tensor pointwise = weights.tensor("pointwise.weight");
    TensorOptional bias = weights.optional("pointwise.bias");
    return (inputs, pass) -> {
      Tensor between = layout.toNative(depthwise.forward(inputs, pass));
      return layout.fromNative(torch.conv2d(between, pointwise, bias, ONES, ZEROS, ONES, 1));
    };
  }

  /** The whole of it, of which the padding's share is cut off at each end. */
  private static LayerModule transposed(
      TransposedConvolutionSpec transposed, Shape input, LayerWeights weights) {
    ChannelLayout layout = new ChannelLayout(transposed.dataFormat(), 2);
    List<TransposedSpan> spans = transposed.spans(transposed.dataFormat().spatial(input));
    Tensor weight = weights.tensor("weight");
    TensorOptional bias = weights.optional("bias");
    long[] strides = longs(transposed.window().strides());
    long[] dilation = longs(transposed.window().dilation());
    long[] extra = spans.stream().mapToLong(TransposedSpan::extra).toArray();
    boolean symmetric = spans.stream().allMatch(axis -> axis.before() == axis.after());
    long[] padding = spans.stream().mapToLong(axis -> symmetric ? axis.before() : 0).toArray();
    return (inputs, pass) -> {
      Tensor y =
          torch.conv_transpose2d(
              layout.toNative(inputs[0]),
              weight,
              bias,
              strides,
              padding,
              extra,
              transposed.groups(),
              dilation);
      for (int axis = 0; axis < 2 && !symmetric; axis++) {
        y = y.narrow(2 + axis, spans.get(axis).before(), spans.get(axis).out());
      }
      return layout.fromNative(y);
    };
  }

  private static long[] longs(List<Integer> numbers) {
    return numbers.stream().mapToLong(Integer::longValue).toArray();
  }
}
