package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.perAxis;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The transpose of a convolution over 2 axes: each input element adds its multiple of the kernel to
 * the output, at steps of stride.
 *
 * <p>Weights: weight [in, filters/groups, size...], bias [filters]. An axis of n elements becomes
 * n·stride with {@code same} padding, else (n − 1)·stride − before − after + dilation·(size − 1) +
 * output_padding + 1. Source: torch.nn.ConvTranspose2d.
 */
public record TransposedConvolutionSpec(
    int filters, WindowSpec window, List<Integer> outputPadding, int groups, Options options)
    implements ConvolutionSpec {
  public TransposedConvolutionSpec {
    outputPadding = List.copyOf(outputPadding);
  }

  static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
    int filters = layer.requiredInteger("filters", 1, LayerTypes.MAX_UNITS);
    WindowSpec window = WindowSpec.convolution(layer, 2);
    List<Integer> outputPadding =
        WindowSpec.perAxis(layer, "output_padding", 2, Collections.nCopies(2, 0), 0);
    int groups = layer.integer("groups", 1, 1, LayerTypes.MAX_UNITS);
    Options options = Options.read(layer, format);
    return window == null || !fits(layer, window, outputPadding)
        ? null
        : new TransposedConvolutionSpec(filters, window, outputPadding, groups, options);
  }

  private static boolean fits(JsonObject layer, WindowSpec window, List<Integer> outputPadding) {
    for (int axis = 0; axis < outputPadding.size(); axis++) {
      int extra = outputPadding.get(axis);
      if (extra > 0 && window.padding() instanceof Padding.Same) {
        layer.violate("output_padding", "'same' padding alone decides the output's size");
        return false;
      }
      if (extra > 0 && extra >= Math.max(window.strides().get(axis), window.dilation().get(axis))) {
        layer.violate(
            "output_padding",
            "A number below the stride or the dilation was expected, got " + extra);
        return false;
      }
    }
    return true;
  }

  @Override
  public String type() {
    return "conv2d_transpose";
  }

  @Override
  public LayerShape infer(LayerInputs inputs) {
    Shape input = inputs.image(2, dataFormat());
    int channels = dataFormat().channels(input);
    inputs.checkGroups(groups, channels, filters);
    List<TransposedSpan> spans = spans(dataFormat().spatial(input));
    for (int axis = 0; axis < spans.size(); axis++) {
      if (spans.get(axis).out() < 1) {
        throw inputs.fault("crops all of axis %d: %s".formatted(axis, spans.get(axis).formula()));
      }
    }
    int out = filters / groups;
    long perInput = Math.multiplyExact(out, window.volume());
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(options.kernel(inputs, "weight", List.of(channels, out), window.size(), channels));
    options.addBias(inputs, "bias", perInput, filters, weights);
    Shape output = dataFormat().row(filters, spans.stream().map(TransposedSpan::out).toList());
    String formula =
        "%s; parameters in·filters/groups·size%s = %d·%d·%s%s = %d"
            .formatted(
                spans.stream()
                    .map(TransposedSpan::formula)
                    .distinct()
                    .collect(Collectors.joining(", ")),
                bias() ? " + filters" : "",
                channels,
                out,
                window.sizes(),
                bias() ? " + " + filters : "",
                WeightSpec.elements(weights));
    long multiplyAdds = Math.multiplyExact(input.elements(), perInput);
    LayerCost cost =
        LayerCost.of(multiplyAdds)
            .keeping(TransposedSpan.uncropped(spans, filters))
            .passing(Math.addExact(input.elements(), output.elements()));
    return new LayerShape(inputs.shapes(), output, weights, formula, cost);
  }

  /** The window over axes of these lengths. */
  public List<TransposedSpan> spans(List<Integer> lengths) {
    return IntStream.range(0, lengths.size())
        .mapToObj(axis -> span(axis, lengths.get(axis)))
        .toList();
  }

  private TransposedSpan span(int axis, int n) {
    int s = window.strides().get(axis);
    long reach = (long) window.dilation().get(axis) * (window.size().get(axis) - 1) + 1;
    long full = Math.multiplyExact(n - 1L, s) + reach;
    long before = 0;
    long after = 0;
    long extra = outputPadding.get(axis);
    switch (window.padding()) {
      case Padding.Valid _, Padding.Causal _ -> {}
      case Padding.Same _ -> {
        long total = Math.max(reach - s, 0);
        before = total / 2;
        after = total - before;
        extra = Math.max(s - reach, 0);
      }
      case Padding.Explicit explicit -> {
        before = explicit.before().get(axis);
        after = explicit.after().get(axis);
      }
    }
    return new TransposedSpan(
        n,
        s,
        reach,
        Math.toIntExact(before),
        Math.toIntExact(after),
        Math.toIntExact(extra),
        Math.toIntExact(full - before - after + extra));
  }

  /**
   * The window along one axis.
   *
   * @param before elements cropped from the start
   * @param after elements cropped from the end
   * @param extra elements added at the end, which no weight reaches
   */
  public record TransposedSpan(
      int length, int stride, long reach, int before, int after, int extra, int out) {
    /** Whether the kernel can crop, because both ends lose the same. */
    public static boolean cropsInKernel(List<TransposedSpan> spans) {
      return spans.stream().allMatch(axis -> axis.before() == axis.after());
    }

    /** Elements of the output before it is cropped; 0 when the kernel crops. */
    private static long uncropped(List<TransposedSpan> spans, long filters) {
      if (cropsInKernel(spans)) {
        return 0;
      }
      long elements = filters;
      for (TransposedSpan span : spans) {
        elements = Math.multiplyExact(elements, (long) span.out() + span.before() + span.after());
      }
      return elements;
    }

    private String formula() {
      return "(%d − 1)·%d − %d − %d + %d + %d = %d"
          .formatted(length, stride, before, after, reach, extra, out);
    }
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as("conv2d_transpose", "The transpose of conv2d: makes images larger.")
        .formula(
            "each input element adds its multiple of the kernel to the output, at steps of stride;"
                + " n elements become n·stride under same padding, else (n − 1)·stride − before −"
                + " after + dilation·(size − 1) + output_padding + 1")
        .shape("[height, width, channels] → [height', width', filters]")
        .names("torch.nn.ConvTranspose2d", "keras.layers.Conv2DTranspose", "transposedConv2dLayer")
        .source(
            "PyTorch's ConvTranspose2d; weights weight [in, filters/groups, size...], bias"
                + " [filters]")
        .member("filters", integer(1, LayerTypes.MAX_UNITS), "Channels of the output.")
        .members(kernel -> WindowSpec.describeKernel(kernel, 2))
        .member(
            "output_padding",
            perAxis(0, WindowSpec.MAX, 2).or(0),
            "Elements added at the end of each axis; below its stride or dilation.")
        .member(
            "groups",
            integer(1, LayerTypes.MAX_UNITS).or(1),
            "Groups of channels, each with its own filters.")
        .include("convolution")
        .required("filters", "kernel_size")
        .input(7, 7, 8)
        .example("filters", 4)
        .example("kernel_size", 3)
        .example("strides", 2)
        .example("padding", "same");
  }
}
