package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Reads normalizing layers. */
final class NormReader {
  /** PyTorch's for all of them. */
  private static final double EPSILON = 1e-5;

  private NormReader() {}

  static @Nullable LayerSpec batchNorm(JsonObject layer, DataFormat format) {
    double momentum = layer.number("momentum", 0.1);
    double epsilon = layer.number("epsilon", EPSILON);
    DataFormat own = layer.choice("data_format", format);
    return layer.build(() -> new NormSpec.BatchNorm(momentum, epsilon, own));
  }

  static @Nullable LayerSpec layerNorm(JsonObject layer) {
    double epsilon = layer.number("epsilon", EPSILON);
    return layer.build(() -> new NormSpec.LayerNorm(epsilon));
  }

  static @Nullable LayerSpec groupNorm(JsonObject layer, DataFormat format) {
    int groups = layer.requiredInteger("groups", 1, LayerTypes.MAX_UNITS);
    double epsilon = layer.number("epsilon", EPSILON);
    DataFormat own = layer.choice("data_format", format);
    return layer.build(() -> new NormSpec.GroupNorm(groups, epsilon, own));
  }
}
