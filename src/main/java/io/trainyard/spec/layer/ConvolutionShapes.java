package io.trainyard.spec.layer;

import io.trainyard.spec.layer.ConvolutionSpec.Convolution;
import io.trainyard.spec.layer.ConvolutionSpec.Depthwise;
import io.trainyard.spec.layer.ConvolutionSpec.Grown;
import io.trainyard.spec.layer.ConvolutionSpec.Separable;
import io.trainyard.spec.layer.ConvolutionSpec.Transposed;
import io.trainyard.spec.layer.WindowSpec.Span;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Shapes and weights of convolutions. */
public final class ConvolutionShapes {
  private final ConvolutionSpec spec;
  private final LayerInputs inputs;
  private final Shape input;
  private final int channels;

  private ConvolutionShapes(ConvolutionSpec spec, LayerInputs inputs) {
    this.spec = spec;
    this.inputs = inputs;
    input = inputs.image(spec.window().axes(), spec.dataFormat());
    channels = spec.dataFormat().channels(input);
  }

  public static LayerShape infer(ConvolutionSpec spec, LayerInputs inputs) {
    ConvolutionShapes shapes = new ConvolutionShapes(spec, inputs);
    return switch (spec) {
      case Convolution convolution -> shapes.convolution(convolution);
      case Transposed transposed -> shapes.transposed(transposed);
      case Depthwise depthwise -> shapes.depthwise(depthwise);
      case Separable separable -> shapes.separable(separable);
    };
  }

  private LayerShape convolution(Convolution convolution) {
    int filters = convolution.filters();
    int groups = convolution.groups();
    checkGroups(groups, filters);
    List<Span> spans = spans(spec, inputs, input);
    int in = channels / groups;
    long volume = spec.window().volume();
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(
        kernel("weight", fan(in, volume), fan(filters, volume), spec.window(), filters, in));
    addBias("bias", fan(in, volume), filters, weights);
    Shape output = output(filters, spans);
    long perOutput = Math.multiplyExact(in, volume);
    String formula =
        formulas(spans)
            + "; parameters "
            + count(
                "in/groups·size" + plus() + " per filter",
                "(%d·%s%s)·%d".formatted(in, sizes(spec.window()), plus(), filters),
                weights);
    return new LayerShape(
        inputs.shapes(),
        output,
        weights,
        formula,
        Math.multiplyExact(output.elements(), perOutput));
  }

  private LayerShape transposed(Transposed transposed) {
    int filters = transposed.filters();
    int groups = transposed.groups();
    checkGroups(groups, filters);
    List<Grown> grown = transposed.grown(spec.dataFormat().spatial(input));
    for (int axis = 0; axis < grown.size(); axis++) {
      if (grown.get(axis).out() < 1) {
        throw inputs.fault(
            "cuts all of axis %d away: %s".formatted(axis, grown.get(axis).formula()));
      }
    }
    long volume = spec.window().volume();
    int out = filters / groups;
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(
        kernel("weight", fan(out, volume), fan(channels, volume), spec.window(), channels, out));
    addBias("bias", fan(out, volume), filters, weights);
    Shape output = spec.dataFormat().row(filters, grown.stream().map(Grown::out).toList());
    String formula =
        grown.stream().map(Grown::formula).distinct().collect(Collectors.joining(", "))
            + "; parameters "
            + count(
                "in·filters/groups·size" + (spec.bias() ? " + filters" : ""),
                "%d·%d·%s%s"
                    .formatted(
                        channels, out, sizes(spec.window()), spec.bias() ? " + " + filters : ""),
                weights);
    return new LayerShape(
        inputs.shapes(),
        output,
        weights,
        formula,
        Math.multiplyExact(input.elements(), Math.multiplyExact(out, volume)));
  }

  private LayerShape depthwise(Depthwise depthwise) {
    int filters = Math.multiplyExact(channels, depthwise.multiplier());
    List<Span> spans = spans(spec, inputs, input);
    long volume = spec.window().volume();
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(
        kernel("weight", volume, fan(depthwise.multiplier(), volume), spec.window(), filters, 1));
    addBias("bias", volume, filters, weights);
    Shape output = output(filters, spans);
    String formula =
        formulas(spans)
            + "; parameters "
            + count(
                "size" + plus() + " per channel and multiplier",
                "(%s%s)·%d·%d"
                    .formatted(sizes(spec.window()), plus(), channels, depthwise.multiplier()),
                weights);
    return new LayerShape(
        inputs.shapes(), output, weights, formula, Math.multiplyExact(output.elements(), volume));
  }

  private LayerShape separable(Separable separable) {
    int between = Math.multiplyExact(channels, separable.multiplier());
    int filters = separable.filters();
    List<Span> spans = spans(spec, inputs, input);
    long volume = spec.window().volume();
    WindowSpec point =
        new WindowSpec(List.of(1, 1), List.of(1, 1), List.of(1, 1), new Padding.Valid());
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(
        kernel(
            "depthwise.weight",
            volume,
            fan(separable.multiplier(), volume),
            spec.window(),
            between,
            1));
    weights.add(kernel("pointwise.weight", between, filters, point, filters, between));
    addBias("pointwise.bias", between, filters, weights);
    Shape output = output(filters, spans);
    long positions = output.elements() / filters;
    long multiplyAdds =
        Math.multiplyExact(
            positions,
            Math.addExact(
                Math.multiplyExact(between, volume), Math.multiplyExact((long) between, filters)));
    String formula =
        formulas(spans)
            + "; parameters "
            + count(
                "in·multiplier·size + in·multiplier·filters" + (spec.bias() ? " + filters" : ""),
                "%d·%s + %d·%d%s"
                    .formatted(
                        between,
                        sizes(spec.window()),
                        between,
                        filters,
                        spec.bias() ? " + " + filters : ""),
                weights);
    return new LayerShape(inputs.shapes(), output, weights, formula, multiplyAdds);
  }

  /** The window over each axis of a row; refuses one that does not fit. */
  static List<Span> spans(WindowSpec window, DataFormat format, LayerInputs inputs, Shape input) {
    List<Span> spans = window.spans(format.spatial(input));
    for (int axis = 0; axis < spans.size(); axis++) {
      Span span = spans.get(axis);
      if (span.out() < 1) {
        throw inputs.fault(
            "reaches over %d elements, but '%s' gives %s: axis %d has %d, with padding %d"
                .formatted(
                    span.reach(),
                    inputs.layer().inputs().getFirst(),
                    input,
                    format == DataFormat.CHANNELS_LAST ? axis : axis + 1,
                    span.length(),
                    (long) span.length() + span.before() + span.after()));
      }
    }
    return spans;
  }

  private static List<Span> spans(ConvolutionSpec spec, LayerInputs inputs, Shape input) {
    return spans(spec.window(), spec.dataFormat(), inputs, input);
  }

  private void checkGroups(int groups, int filters) {
    if (channels % groups != 0 || filters % groups != 0) {
      throw inputs.fault(
          "has %d groups, which must divide both its %d input channels and its %d filters"
              .formatted(groups, channels, filters));
    }
  }

  private WeightSpec kernel(
      String slot, long fanIn, long fanOut, WindowSpec window, int first, int second) {
    int[] dims = new int[2 + window.axes()];
    dims[0] = first;
    dims[1] = second;
    for (int axis = 0; axis < window.axes(); axis++) {
      dims[2 + axis] = window.size().get(axis);
    }
    return inputs.weight(slot, spec.rules().initializer(), fanIn, fanOut, dims);
  }

  private void addBias(String slot, long fanIn, int filters, List<WeightSpec> weights) {
    if (spec.bias()) {
      weights.add(inputs.weight(slot, spec.rules().biasInitializer(), fanIn, filters, filters));
    }
  }

  private Shape output(int filters, List<Span> spans) {
    Shape output = spec.dataFormat().row(filters, spans.stream().map(Span::out).toList());
    CoreShapes.checkActivation(spec.activation(), output, inputs);
    return output;
  }

  private static long fan(int channels, long volume) {
    return Math.multiplyExact(channels, volume);
  }

  private String plus() {
    return spec.bias() ? " + 1" : "";
  }

  private static String count(String words, String numbers, List<WeightSpec> weights) {
    long sum = weights.stream().mapToLong(weight -> weight.shape().elements()).sum();
    return words + " = " + numbers + " = " + sum;
  }

  static String formulas(List<Span> spans) {
    return spans.stream().map(Span::formula).collect(Collectors.joining(", "));
  }

  private static String sizes(WindowSpec window) {
    return window.size().stream().map(String::valueOf).collect(Collectors.joining("·"));
  }
}
