package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.integer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.layer.WindowSpec.Span;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers whose kernel slides over one to three axes. Rows are {@code [..., channels]} or {@code
 * [channels, ...]} as the data format says. An axis of n elements becomes floor((n + before + after
 * − dilation·(size − 1) − 1)/stride) + 1, except in a transposed convolution.
 */
public sealed interface ConvolutionSpec extends LayerSpec
    permits ConvolutionSpec.Convolution,
        ConvolutionSpec.Depthwise,
        ConvolutionSpec.Separable,
        TransposedConvolutionSpec {
  WindowSpec window();

  Options options();

  default boolean bias() {
    return options().bias();
  }

  @Override
  default ActivationSpec activation() {
    return options().activation();
  }

  @Override
  default WeightRules rules() {
    return options().rules();
  }

  default DataFormat dataFormat() {
    return options().dataFormat();
  }

  @Override
  default int unitAxis(Shape output) {
    return dataFormat().channelAxis(output);
  }

  /**
   * y[f, p] = activation(Σ_c Σ_k weight[f, c, k]·x[c, p·stride + k·dilation] + bias[f]):
   * correlation over 1, 2 or 3 axes, each group of filters with its own group of channels.
   *
   * <p>Weights: weight [filters, in/groups, size...], bias [filters]. Source: torch.nn.Conv1d to
   * Conv3d.
   */
  record Convolution(int filters, WindowSpec window, int groups, Options options)
      implements ConvolutionSpec {
    static @Nullable LayerSpec read(JsonObject layer, int axes, DataFormat format) {
      int filters = layer.requiredInteger("filters", 1, LayerTypes.MAX_UNITS);
      WindowSpec window = WindowSpec.convolution(layer, axes);
      int groups = layer.integer("groups", 1, 1, LayerTypes.MAX_UNITS);
      Options options = Options.read(layer, format);
      return window == null ? null : new Convolution(filters, window, groups, options);
    }

    @Override
    public String type() {
      return "conv" + window.axes() + "d";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      int channels = inputs.channels(window.axes(), dataFormat());
      inputs.checkGroups(groups, channels, filters);
      List<Span> spans = window.spans(inputs, dataFormat());
      int in = channels / groups;
      long perOutput = Math.multiplyExact(in, window.volume());
      List<WeightSpec> weights = new ArrayList<>();
      weights.add(options.kernel(inputs, "weight", List.of(filters, in), window.size(), filters));
      options.addBias(inputs, "bias", perOutput, filters, weights);
      Shape output = Span.output(filters, spans, dataFormat());
      String formula =
          "%s; parameters in/groups·size%s per filter = (%d·%s%s)·%d = %d"
              .formatted(
                  Span.formulas(spans),
                  options.plusOne(),
                  in,
                  window.sizes(),
                  options.plusOne(),
                  filters,
                  WeightSpec.elements(weights));
      long multiplyAdds = Math.multiplyExact(output.elements(), perOutput);
      LayerCost cost = options.cost(inputs.only(), spans, output, multiplyAdds);
      return new LayerShape(inputs.shapes(), output, weights, formula, cost);
    }
  }

  /**
   * Each channel convolved alone with multiplier filters, over 2 axes. The filters of a channel are
   * adjacent in the output.
   *
   * <p>Weights: weight [in·multiplier, 1, size...], bias [in·multiplier]. Source: torch.nn.Conv2d
   * with as many groups as channels; Keras's DepthwiseConv2D.
   */
  record Depthwise(int multiplier, WindowSpec window, Options options) implements ConvolutionSpec {
    private static final int MAX_MULTIPLIER = 1 << 12;

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      WindowSpec window = WindowSpec.convolution(layer, 2);
      int multiplier = multiplier(layer);
      Options options = Options.read(layer, format);
      return window == null ? null : new Depthwise(multiplier, window, options);
    }

    private static int multiplier(JsonObject layer) {
      return layer.integer("depth_multiplier", 1, 1, MAX_MULTIPLIER);
    }

    @Override
    public String type() {
      return "depthwise_conv2d";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      int channels = inputs.channels(window.axes(), dataFormat());
      int filters = Math.multiplyExact(channels, multiplier);
      List<Span> spans = window.spans(inputs, dataFormat());
      List<WeightSpec> weights = new ArrayList<>();
      weights.add(options.kernel(inputs, "weight", List.of(filters, 1), window.size(), multiplier));
      options.addBias(inputs, "bias", window.volume(), filters, weights);
      Shape output = Span.output(filters, spans, dataFormat());
      String formula =
          "%s; parameters size%s per channel and multiplier = (%s%s)·%d·%d = %d"
              .formatted(
                  Span.formulas(spans),
                  options.plusOne(),
                  window.sizes(),
                  options.plusOne(),
                  channels,
                  multiplier,
                  WeightSpec.elements(weights));
      long multiplyAdds = Math.multiplyExact(output.elements(), window.volume());
      LayerCost cost = options.cost(inputs.only(), spans, output, multiplyAdds);
      return new LayerShape(inputs.shapes(), output, weights, formula, cost);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("depthwise_conv2d", "Each channel convolved alone.")
          .formula("y[c·multiplier + m] = activation(W[c·multiplier + m]∗x[c] + b)")
          .shape("[height, width, channels] → [height', width', channels·multiplier]")
          .names(
              "torch.nn.Conv2d(groups=channels)",
              "keras.layers.DepthwiseConv2D",
              "groupedConvolution2dLayer(…, \"channel-wise\")")
          .source(
              "Keras's DepthwiseConv2D; weights weight [in·multiplier, 1, size...], bias"
                  + " [in·multiplier]")
          .members(kernel -> WindowSpec.describeKernel(kernel, 2))
          .member(
              "depth_multiplier",
              integer(1, Depthwise.MAX_MULTIPLIER).or(1),
              "Filters per channel.")
          .include("convolution")
          .required("kernel_size")
          .input(8, 8, 4)
          .example("kernel_size", 3)
          .example("padding", "same");
    }
  }

  /**
   * A depthwise convolution without bias, then a convolution of size 1 across channels.
   *
   * <p>Weights: depthwise.weight [in·multiplier, 1, size...], pointwise.weight [filters,
   * in·multiplier, 1, 1], pointwise.bias [filters]. Source: Keras's SeparableConv2D.
   */
  record Separable(int filters, int multiplier, WindowSpec window, Options options)
      implements ConvolutionSpec {
    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      int filters = layer.requiredInteger("filters", 1, LayerTypes.MAX_UNITS);
      WindowSpec window = WindowSpec.convolution(layer, 2);
      int multiplier = Depthwise.multiplier(layer);
      Options options = Options.read(layer, format);
      return window == null ? null : new Separable(filters, multiplier, window, options);
    }

    @Override
    public String type() {
      return "separable_conv2d";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      int between = Math.multiplyExact(inputs.channels(2, dataFormat()), multiplier);
      List<Span> spans = window.spans(inputs, dataFormat());
      List<WeightSpec> weights = new ArrayList<>();
      weights.add(
          options.kernel(
              inputs, "depthwise.weight", List.of(between, 1), window.size(), multiplier));
      weights.add(
          options.kernel(
              inputs, "pointwise.weight", List.of(filters, between), List.of(1, 1), filters));
      options.addBias(inputs, "pointwise.bias", between, filters, weights);
      Shape output = Span.output(filters, spans, dataFormat());
      String formula =
          "%s; parameters in·multiplier·size + in·multiplier·filters%s = %d·%s + %d·%d%s = %d"
              .formatted(
                  Span.formulas(spans),
                  bias() ? " + filters" : "",
                  between,
                  window.sizes(),
                  between,
                  filters,
                  bias() ? " + " + filters : "",
                  WeightSpec.elements(weights));
      long places = output.elements() / filters;
      LayerCost cost =
          options
              .cost(inputs.only(), spans, output, multiplyAdds(places, between))
              .keeping(Math.multiplyExact(places, between));
      return new LayerShape(inputs.shapes(), output, weights, formula, cost);
    }

    private long multiplyAdds(long places, int between) {
      long depthwise = Math.multiplyExact(between, window.volume());
      long pointwise = Math.multiplyExact((long) between, filters);
      return Math.multiplyExact(places, Math.addExact(depthwise, pointwise));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "separable_conv2d", "A depthwise convolution, then one of size 1 across channels.")
          .formula("y = activation(W_point·(W_depth∗x) + b)")
          .shape("[height, width, channels] → [height', width', filters]")
          .names(null, "keras.layers.SeparableConv2D", null)
          .source(
              "Keras's SeparableConv2D; weights depthwise.weight, pointwise.weight, pointwise.bias")
          .member("filters", integer(1, LayerTypes.MAX_UNITS), "Channels of the output.")
          .members(kernel -> WindowSpec.describeKernel(kernel, 2))
          .member(
              "depth_multiplier",
              integer(1, Depthwise.MAX_MULTIPLIER).or(1),
              "Filters per channel.")
          .include("convolution")
          .required("filters", "kernel_size")
          .input(8, 8, 4)
          .example("filters", 8)
          .example("kernel_size", 3);
    }
  }

  /** The members that all convolutions have. */
  record Options(
      boolean bias, ActivationSpec activation, WeightRules rules, DataFormat dataFormat) {
    static Options read(JsonObject layer, DataFormat format) {
      return new Options(
          layer.bool("bias", true),
          ActivationSpec.read(layer),
          WeightRules.read(layer, WeightRules.DEFAULT),
          layer.choice("data_format", format));
    }

    /**
     * A kernel [leading..., size...]. Each unit reads the last leading axis at every place of the
     * window.
     *
     * @param reached units that one channel feeds, for the initializer
     */
    WeightSpec kernel(
        LayerInputs inputs, String slot, List<Integer> leading, List<Integer> size, int reached) {
      long volume = size.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
      List<Integer> dims = new ArrayList<>(leading);
      dims.addAll(size);
      return inputs.weight(
          slot,
          rules.initializer(),
          Math.multiplyExact(leading.getLast(), volume),
          Math.multiplyExact(reached, volume),
          dims.stream().mapToInt(Integer::intValue).toArray());
    }

    void addBias(
        LayerInputs inputs, String slot, long fanIn, int filters, List<WeightSpec> weights) {
      if (bias) {
        weights.add(inputs.weight(slot, rules.biasInitializer(), fanIn, filters, filters));
      }
    }

    /** Kernels may copy input and output into a layout of their own. */
    LayerCost cost(Shape input, List<Span> spans, Shape output, long multiplyAdds) {
      return LayerCost.of(multiplyAdds)
          .keeping(Span.copied(spans, dataFormat.channels(input)))
          .passing(Math.addExact(input.elements(), output.elements()));
    }

    /** A unit's bias, for formulas. */
    private String plusOne() {
      return bias ? " + 1" : "";
    }
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    for (int n = 1; n <= 3; n++) {
      int axes = n;
      types.add("conv" + n + "d", (layer, format) -> Convolution.read(layer, axes, format));
    }
    types.add("conv2d_transpose", TransposedConvolutionSpec::read);
    types.add("depthwise_conv2d", Depthwise::read);
    types.add("separable_conv2d", Separable::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Convolutions",
        described(1, "one axis", 20, 2),
        described(2, "the two axes of an image", 28, 28, 1),
        described(3, "three axes", 8, 8, 8, 1),
        TransposedConvolutionSpec.described(),
        Depthwise.described(),
        Separable.described());
  }

  private static Described described(int axes, String over, Integer... input) {
    return Described.as("conv" + axes + "d", "Kernels that slide over " + over + ".")
        .formula(
            "y[f, p] = activation(Σ_c Σ_k W[f, c, k]·x[c, p·stride + k·dilation] + b[f]); n"
                + " elements become ⌊(n + before + after − dilation·(size − 1) − 1)/stride⌋ + 1")
        .shape(WindowSpec.describeShapes(axes, "filters"))
        .names(
            "torch.nn.Conv%dd".formatted(axes),
            "keras.layers.Conv%dD".formatted(axes),
            "convolution%ddLayer".formatted(axes))
        .source(
            "PyTorch's Conv%dd; weights weight [filters, in/groups, size...], bias [filters]"
                .formatted(axes))
        .member("filters", integer(1, LayerTypes.MAX_UNITS), "Channels of the output.")
        .members(kernel -> WindowSpec.describeKernel(kernel, axes))
        .member(
            "groups",
            integer(1, LayerTypes.MAX_UNITS).or(1),
            "Groups of channels, each with its own filters; divides channels and filters.")
        .include("convolution")
        .required("filters", "kernel_size")
        .input(input)
        .example("filters", 8)
        .example("kernel_size", 3)
        .example("padding", "same")
        .example("activation", "relu");
  }
}
