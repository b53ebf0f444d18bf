package io.trainyard.spec.layer;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads normalize and merges. */
final class ElementwiseReader {
  private ElementwiseReader() {}

  static @Nullable LayerSpec normalize(JsonObject layer, DataFormat format) {
    long before = layer.violations().count();
    List<Double> mean = numbers(layer, "mean");
    List<Double> std = numbers(layer, "std");
    DataFormat own = layer.choice("data_format", format);
    return layer.violations().count() > before
        ? null
        : layer.build(() -> new ElementwiseSpec.Normalize(mean, std, own));
  }

  private static List<Double> numbers(JsonObject layer, String member) {
    JsonNode json = layer.get(member);
    if (json == null || !json.isArray()) {
      return List.of(layer.requiredNumber(member));
    }
    List<Double> numbers = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      JsonNode number = json.get(i);
      if (number.isNumber() && Double.isFinite(number.doubleValue())) {
        numbers.add(number.doubleValue());
      } else {
        layer
            .violations()
            .add(
                Violation.pointer(layer.pointer(member), i),
                "A number was expected, got " + JsonObject.describe(number));
      }
    }
    if (json.isEmpty()) {
      layer.violate(member, "At least one number was expected, got an empty list");
    }
    return numbers;
  }

  static LayerSpec concat(JsonObject layer) {
    return new MergeSpec.Concat(layer.integer("axis", -1, -8, 7));
  }
}
