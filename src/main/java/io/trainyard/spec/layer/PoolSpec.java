package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
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
}
