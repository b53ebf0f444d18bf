package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.ConvolutionSpec.Convolution;
import io.trainyard.spec.layer.ConvolutionSpec.Depthwise;
import io.trainyard.spec.layer.ConvolutionSpec.Separable;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.tensor.Shape;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Convolutions in both data formats; channels-last rows are not copied. */
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
      case TransposedConvolutionSpec transposed ->
          TransposedConvolutionModules.of(transposed, input, weights);
    };
  }

  private static LayerModule correlate(
      ConvolutionSpec spec, Shape input, Tensor weight, TensorOptional bias, long groups) {
    ChannelLayout layout = new ChannelLayout(spec.dataFormat(), spec.window().axes());
    WindowPadding padding =
        new WindowPadding(layout, spec.window().spans(spec.dataFormat().spatial(input)));
    long[] strides = layout.lift(1, spec.window().strides());
    long[] dilation = layout.lift(1, spec.window().dilation());
    boolean volume = layout.nativeAxes() == 3;
    return (inputs, context) -> {
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
    return (inputs, context) -> {
      Tensor between = layout.toNative(depthwise.forward(inputs, context));
      return layout.fromNative(torch.conv2d(between, pointwise, bias, ONES, ZEROS, ONES, 1));
    };
  }
}
