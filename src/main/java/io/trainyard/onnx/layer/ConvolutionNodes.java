package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.ConvolutionSpec.Convolution;
import io.trainyard.spec.layer.ConvolutionSpec.Depthwise;
import io.trainyard.spec.layer.ConvolutionSpec.Separable;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.spec.layer.TransposedConvolutionSpec.TransposedSpan;
import io.trainyard.spec.layer.WindowSpec.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Convolutions. Source: ONNX's Conv and ConvTranspose. */
final class ConvolutionNodes {
  private ConvolutionNodes() {}

  static String of(ConvolutionSpec spec, String x, LayerWriter to) {
    int rank = to.input().rank();
    String first = ChannelOrder.toFirst(x, spec.dataFormat(), rank, to);
    int channels = spec.dataFormat().channels(to.input());
    String y =
        switch (spec) {
          case Convolution convolution ->
              correlate(spec, first, "weight", "bias", convolution.groups(), to);
          case Depthwise _ -> correlate(spec, first, "weight", "bias", channels, to);
          case Separable _ ->
              to.node(
                  "Conv",
                  inputs(
                      correlate(spec, first, "depthwise.weight", "depthwise.bias", channels, to),
                      "pointwise.weight",
                      "pointwise.bias",
                      to));
          case TransposedConvolutionSpec transposed -> transposed(transposed, first, to);
        };
    return ChannelOrder.fromFirst(y, spec.dataFormat(), rank, to);
  }

  private static String correlate(
      ConvolutionSpec spec, String x, String weight, String bias, int groups, LayerWriter to) {
    List<Span> spans = spec.window().spans(spec.dataFormat().spatial(to.input()));
    return to.node(
        "Conv",
        inputs(x, weight, bias, to),
        Attribute.of("kernel_shape", spec.window().size()),
        Attribute.of("strides", spec.window().strides()),
        Attribute.of("dilations", spec.window().dilation()),
        Attribute.of("pads", pads(spans)),
        Attribute.of("group", (long) groups));
  }

  private static List<String> inputs(String x, String weight, String bias, LayerWriter to) {
    List<String> inputs = new ArrayList<>(List.of(x, to.weight(weight)));
    if (to.has(bias)) {
      inputs.add(to.weight(bias));
    }
    return inputs;
  }

  /** The padding before each axis, then that after each. */
  static List<Integer> pads(List<Span> spans) {
    return Stream.concat(spans.stream().map(Span::before), spans.stream().map(Span::after))
        .toList();
  }

  /**
   * What is added to the end of an axis takes back what is cropped from it. The rest is ONNX's
   * output_padding, which ONNX Runtime computes wrongly from the stride on: such rows get zeros
   * behind a convolution without bias.
   */
  private static String transposed(TransposedConvolutionSpec spec, String x, LayerWriter to) {
    List<TransposedSpan> spans = spec.spans(spec.dataFormat().spatial(to.input()));
    List<Integer> before = spans.stream().map(TransposedSpan::before).toList();
    List<Integer> after =
        spans.stream().map(axis -> Math.max(axis.after() - axis.extra(), 0)).toList();
    List<Integer> added =
        spans.stream().map(axis -> Math.max(axis.extra() - axis.after(), 0)).toList();
    boolean inKernel = spans.stream().allMatch(axis -> axis.extra() - axis.after() < axis.stride());
    String bias = "bias";
    String y =
        to.node(
            "ConvTranspose",
            inKernel ? inputs(x, "weight", bias, to) : List.of(x, to.weight("weight")),
            Attribute.of("kernel_shape", spec.window().size()),
            Attribute.of("strides", spec.window().strides()),
            Attribute.of("dilations", spec.window().dilation()),
            Attribute.of("pads", Stream.concat(before.stream(), after.stream()).toList()),
            Attribute.of("output_padding", inKernel ? added : List.of(0, 0)),
            Attribute.of("group", (long) spec.groups()));
    if (inKernel) {
      return y;
    }
    String padded =
        to.node(
            "Pad",
            List.of(y, to.integers(0, 0, 0, 0, 0, 0, added.get(0), added.get(1)), to.number(0)));
    return to.has(bias)
        ? to.add(padded, to.own("bias", to.elements(bias), spec.filters(), 1, 1))
        : padded;
  }
}
