package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.ConvolutionSpec.Convolution;
import io.trainyard.spec.layer.ConvolutionSpec.Depthwise;
import io.trainyard.spec.layer.ConvolutionSpec.Separable;
import io.trainyard.spec.layer.ConvolutionSpec.Transposed;
import io.trainyard.spec.weights.RulesReader;
import io.trainyard.spec.weights.WeightRules;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads convolutions and pools. */
final class ConvolutionReader {
  private static final int MAX_MULTIPLIER = 1 << 12;

  private ConvolutionReader() {}

  static @Nullable LayerSpec convolution(JsonObject layer, int axes, DataFormat format) {
    int filters = layer.requiredInteger("filters", 1, LayerTypes.MAX_UNITS);
    WindowSpec window = WindowReader.convolution(layer, axes);
    int groups = layer.integer("groups", 1, 1, LayerTypes.MAX_UNITS);
    Common common = Common.read(layer, format);
    return window == null
        ? null
        : new Convolution(
            filters,
            window,
            groups,
            common.bias(),
            common.activation(),
            common.rules(),
            common.format());
  }

  static @Nullable LayerSpec transposed(JsonObject layer, DataFormat format) {
    int filters = layer.requiredInteger("filters", 1, LayerTypes.MAX_UNITS);
    WindowSpec window = WindowReader.convolution(layer, 2);
    List<Integer> outputPadding =
        WindowReader.perAxis(layer, "output_padding", 2, Collections.nCopies(2, 0), 0);
    int groups = layer.integer("groups", 1, 1, LayerTypes.MAX_UNITS);
    Common common = Common.read(layer, format);
    if (window == null) {
      return null;
    }
    boolean same = window.padding() instanceof Padding.Same;
    for (int axis = 0; axis < 2; axis++) {
      int extra = outputPadding.get(axis);
      if (extra > 0 && same) {
        layer.violate("output_padding", "'same' padding settles the output's size by itself");
        return null;
      }
      if (extra > 0 && extra >= Math.max(window.strides().get(axis), window.dilation().get(axis))) {
        layer.violate(
            "output_padding",
            "A number below the stride or the dilation was expected, got " + extra);
        return null;
      }
    }
    return new Transposed(
        filters,
        window,
        outputPadding,
        groups,
        common.bias(),
        common.activation(),
        common.rules(),
        common.format());
  }

  static @Nullable LayerSpec depthwise(JsonObject layer, DataFormat format) {
    WindowSpec window = WindowReader.convolution(layer, 2);
    int multiplier = layer.integer("depth_multiplier", 1, 1, MAX_MULTIPLIER);
    Common common = Common.read(layer, format);
    return window == null
        ? null
        : new Depthwise(
            multiplier,
            window,
            common.bias(),
            common.activation(),
            common.rules(),
            common.format());
  }

  static @Nullable LayerSpec separable(JsonObject layer, DataFormat format) {
    int filters = layer.requiredInteger("filters", 1, LayerTypes.MAX_UNITS);
    WindowSpec window = WindowReader.convolution(layer, 2);
    int multiplier = layer.integer("depth_multiplier", 1, 1, MAX_MULTIPLIER);
    Common common = Common.read(layer, format);
    return window == null
        ? null
        : new Separable(
            filters,
            multiplier,
            window,
            common.bias(),
            common.activation(),
            common.rules(),
            common.format());
  }

  static @Nullable LayerSpec pool(
      JsonObject layer, PoolSpec.Kind kind, int axes, DataFormat format) {
    WindowSpec window = WindowReader.pool(layer, axes);
    DataFormat own = layer.choice("data_format", format);
    return window == null ? null : new PoolSpec.Window(kind, window, own);
  }

  static LayerSpec global(JsonObject layer, PoolSpec.Kind kind, DataFormat format) {
    return new PoolSpec.Global(kind, layer.choice("data_format", format));
  }

  /** What all convolutions take. */
  private record Common(
      boolean bias, ActivationSpec activation, WeightRules rules, DataFormat format) {
    static Common read(JsonObject layer, DataFormat format) {
      return new Common(
          layer.bool("bias", true),
          ActivationReader.read(layer, "activation", ActivationSpec.LINEAR),
          RulesReader.read(layer, WeightRules.DEFAULT),
          layer.choice("data_format", format));
    }
  }
}
