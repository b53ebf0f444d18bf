package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.layer.WindowSpec.Span;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers that replace many elements of a channel by their maximum or mean. They have no weights.
 */
public sealed interface PoolSpec extends LayerSpec {
  DataFormat dataFormat();

  /**
   * The maximum or mean under a window over 1, 2 or 3 axes. Padding never wins a maximum. A mean
   * doesn't count the padding of {@code same}, but counts the zeros of explicit padding.
   *
   * <p>An axis of n elements becomes floor((n + before + after − size)/stride) + 1. Source:
   * torch.nn.MaxPool1d to AvgPool3d.
   */
  record Window(Kind kind, WindowSpec window, DataFormat dataFormat) implements PoolSpec {
    static @Nullable LayerSpec read(JsonObject layer, Kind kind, int axes, DataFormat format) {
      WindowSpec window = WindowSpec.pool(layer, axes);
      DataFormat own = layer.choice("data_format", format);
      return window == null ? null : new Window(kind, window, own);
    }

    @Override
    public String type() {
      return (kind == Kind.MAX ? "max_pool" : "avg_pool") + window.axes() + "d";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      List<Span> spans = window.spans(inputs, dataFormat);
      for (Span span : spans) {
        int padding = Math.max(span.before(), span.after());
        if (padding > span.size() / 2) {
          throw inputs.fault(
              "pads by %d, more than half of its window of %d".formatted(padding, span.size()));
        }
      }
      refuseShortAxes(spans, inputs);
      int channels = inputs.channels(window.axes(), dataFormat);
      Shape output = Span.output(channels, spans, dataFormat);
      return inputs.weightless(output, Span.formulas(spans), cost(inputs.only(), spans, output));
    }

    /** A maximum also stores where it was, as a 64-bit integer; kernels may copy into a layout. */
    private LayerCost cost(Shape input, List<Span> spans, Shape output) {
      long copied = Span.copied(spans, dataFormat.channels(input));
      long share = kind == Kind.MAX ? 2 * output.elements() : output.elements();
      return LayerCost.of(Math.multiplyExact(output.elements(), window.volume()))
          .keeping(Math.addExact(copied, share))
          .passing(Math.addExact(input.elements(), output.elements()));
    }

    /** PyTorch's mean over three axes refuses an axis that is shorter than the window. */
    private void refuseShortAxes(List<Span> spans, LayerInputs inputs) {
      if (kind == Kind.MAX || window.axes() < 3 || window.padding() instanceof Padding.Same) {
        return;
      }
      for (Span span : spans) {
        if (span.length() < span.size()) {
          throw inputs.fault(
              "has a window of %d on an axis of %d elements".formatted(span.size(), span.length()));
        }
      }
    }
  }

  /**
   * The maximum or mean of each channel. Shapes: x [..., channels], y [channels]. Source: Keras's
   * GlobalMaxPooling and GlobalAveragePooling.
   */
  record Global(Kind kind, DataFormat dataFormat) implements PoolSpec {
    static LayerSpec read(JsonObject layer, Kind kind, DataFormat format) {
      return new Global(kind, layer.choice("data_format", format));
    }

    @Override
    public String type() {
      return kind == Kind.MAX ? "global_max_pool" : "global_avg_pool";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.atLeast(2);
      int channels = dataFormat.channels(input);
      return inputs.weightless(
          Shape.of(channels),
          "%s over %s = [%d]".formatted(input, dataFormat.spatial(input), channels),
          LayerCost.of(input.elements()).keepingInTraining(input.elements()));
    }
  }

  enum Kind {
    MAX,
    AVERAGE
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    for (int n = 1; n <= 3; n++) {
      int axes = n;
      types.add(
          "max_pool" + n + "d", (layer, format) -> Window.read(layer, Kind.MAX, axes, format));
      types.add(
          "avg_pool" + n + "d", (layer, format) -> Window.read(layer, Kind.AVERAGE, axes, format));
    }
    types.add("global_max_pool", (layer, format) -> Global.read(layer, Kind.MAX, format));
    types.add("global_avg_pool", (layer, format) -> Global.read(layer, Kind.AVERAGE, format));
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Pools",
        largest(1, 20, 2),
        largest(2, 28, 28, 4),
        largest(3, 8, 8, 8, 1),
        Described.as("global_max_pool", "The maximum of each channel.")
            .formula("y[c] = maximum of x[..., c]")
            .shape("[..., channels] → [channels]")
            .names(
                "torch.nn.AdaptiveMaxPool2d(1)",
                "keras.layers.GlobalMaxPooling2D",
                "globalMaxPooling2dLayer")
            .source("Keras's global pools")
            .member("data_format", LayerTypes.dataFormat())
            .input(8, 8, 4),
        mean(1, 20, 2),
        mean(2, 28, 28, 4),
        mean(3, 8, 8, 8, 1),
        Described.as("global_avg_pool", "The mean of each channel.")
            .formula("y[c] = mean of x[..., c]")
            .shape("[..., channels] → [channels]")
            .names(
                "torch.nn.AdaptiveAvgPool2d(1)",
                "keras.layers.GlobalAveragePooling2D",
                "globalAveragePooling2dLayer")
            .source("Keras's global pools")
            .member("data_format", LayerTypes.dataFormat())
            .input(8, 8, 4));
  }

  private static Described largest(int axes, Integer... input) {
    return window("max", "maximum", axes, input)
        .formula(
            "y = maximum of x under the window; n elements become ⌊(n + before + after −"
                + " size)/stride⌋ + 1; padding never wins")
        .names(
            "torch.nn.MaxPool%dd".formatted(axes),
            "keras.layers.MaxPooling%dD".formatted(axes),
            "maxPooling%ddLayer".formatted(axes));
  }

  private static Described mean(int axes, Integer... input) {
    return window("avg", "mean", axes, input)
        .formula(
            "y = mean of x under the window; n elements become ⌊(n + before + after −"
                + " size)/stride⌋ + 1; the padding of same is not counted, explicit padding is")
        .names(
            "torch.nn.AvgPool%dd".formatted(axes),
            "keras.layers.AveragePooling%dD".formatted(axes),
            "averagePooling%ddLayer".formatted(axes));
  }

  private static Described window(String kind, String what, int axes, Integer... input) {
    return Described.as(
            kind + "_pool" + axes + "d",
            "The %s under a window that slides over %s."
                .formatted(what, axes == 1 ? "1 axis" : axes + " axes"))
        .shape(WindowSpec.describeShapes(axes, "channels"))
        .source("PyTorch's pools")
        .members(members -> WindowSpec.describePool(members, axes))
        .member("data_format", LayerTypes.dataFormat())
        .required("pool_size")
        .input(input)
        .example("pool_size", 2);
  }
}
