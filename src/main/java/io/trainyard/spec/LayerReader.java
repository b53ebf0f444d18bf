package io.trainyard.spec;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what a layer computes; its place in the graph is for {@link NetworkReader}. */
final class LayerReader {
  static final int MAX_UNITS = 1 << 24;

  private static final Map<String, Function<Members, @Nullable LayerSpec>> TYPES =
      new TreeMap<>(
          Map.of(
              "dense", LayerReader::dense,
              "activation", LayerReader::activation,
              "dropout", LayerReader::dropout,
              "flatten", _ -> new LayerSpec.Flatten(),
              "batch_norm", LayerReader::batchNorm));

  private LayerReader() {}

  /** The layer, or null when the violations say why not. */
  static @Nullable LayerSpec read(Members layer) {
    if (!layer.hasText("type")) {
      layer.requiredText("type");
      return null;
    }
    String type = layer.requiredText("type");
    Function<Members, @Nullable LayerSpec> reader = TYPES.get(type);
    if (reader == null) {
      layer.violate(
          "type",
          "There is no layer type '%s'; there are %s"
              .formatted(Members.shorten(type), String.join(", ", TYPES.keySet())));
      return null;
    }
    return reader.apply(layer);
  }

  private static @Nullable LayerSpec dense(Members layer) {
    int units = layer.requiredInteger("units", 1, MAX_UNITS);
    ActivationSpec activation = ActivationReader.read(layer, "activation", ActivationSpec.LINEAR);
    boolean bias = layer.bool("bias", true);
    WeightRules rules = RulesReader.read(layer, WeightRules.DEFAULT);
    return layer.build(() -> new LayerSpec.Dense(units, activation, bias, rules));
  }

  private static LayerSpec activation(Members layer) {
    if (!layer.has("function")) {
      layer.requiredText("function");
    }
    ActivationSpec function = ActivationReader.read(layer, "function", ActivationSpec.LINEAR);
    if (layer.has("alpha")) {
      function = ActivationReader.withAlpha(function, layer);
    }
    return new LayerSpec.Activation(function);
  }

  private static @Nullable LayerSpec dropout(Members layer) {
    double rate = layer.requiredNumber("rate");
    return Double.isNaN(rate)
        ? null
        : layer.build(layer.pointer("rate"), () -> new LayerSpec.Dropout(rate));
  }

  private static @Nullable LayerSpec batchNorm(Members layer) {
    double momentum = layer.number("momentum", 0.1);
    double epsilon = layer.number("epsilon", 1e-5);
    return layer.build(() -> new LayerSpec.BatchNorm(momentum, epsilon));
  }
}
