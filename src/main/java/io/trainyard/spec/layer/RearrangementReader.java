package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.RearrangementSpec.Crop;
import io.trainyard.spec.layer.RearrangementSpec.Permute;
import io.trainyard.spec.layer.RearrangementSpec.Repeat;
import io.trainyard.spec.layer.RearrangementSpec.Reshape;
import io.trainyard.spec.layer.RearrangementSpec.Slice;
import io.trainyard.spec.layer.RearrangementSpec.Upsample;
import io.trainyard.spec.layer.RearrangementSpec.ZeroPad;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads layers that move, repeat or leave out elements. */
final class RearrangementReader {
  /** Axes of a row: as many as a shape may have. */
  private static final int MAX_AXES = 8;

  private RearrangementReader() {}

  static @Nullable LayerSpec reshape(JsonObject layer) {
    List<Integer> shape = required(layer, "shape", -1, Integer.MAX_VALUE);
    if (shape == null) {
      return null;
    }
    if (shape.contains(0) || shape.stream().filter(length -> length == -1).count() > 1) {
      layer.violate("shape", "Lengths from 1, and one −1 at most, were expected, got " + shape);
      return null;
    }
    return new Reshape(shape);
  }

  static @Nullable LayerSpec permute(JsonObject layer) {
    List<Integer> axes = required(layer, "axes", -MAX_AXES, MAX_AXES - 1);
    return axes == null ? null : new Permute(axes);
  }

  static LayerSpec repeat(JsonObject layer) {
    return new Repeat(layer.requiredInteger("n", 1, LayerTypes.MAX_UNITS));
  }

  static LayerSpec crop(JsonObject layer, DataFormat format) {
    return new Crop(sides(layer, "cropping"), layer.choice("data_format", format));
  }

  static LayerSpec zeroPad(JsonObject layer, DataFormat format) {
    return new ZeroPad(sides(layer, "padding"), layer.choice("data_format", format));
  }

  static LayerSpec upsample(JsonObject layer, DataFormat format) {
    if (!layer.has("size")) {
      layer.violate("size", "'size' is required");
    }
    List<Integer> size = WindowReader.perAxis(layer, "size", given(layer, "size"), List.of(1), 1);
    return new Upsample(size, layer.choice("data_format", format));
  }

  static LayerSpec slice(JsonObject layer) {
    int axis = layer.requiredInteger("axis", -MAX_AXES, MAX_AXES - 1);
    int start = layer.integer("start", 0, -Integer.MAX_VALUE, Integer.MAX_VALUE);
    Integer end =
        layer.has("end")
            ? (Integer) layer.integer("end", 0, -Integer.MAX_VALUE, Integer.MAX_VALUE)
            : null;
    return new Slice(axis, start, end);
  }

  private static @Nullable List<Integer> required(
      JsonObject layer, String member, int min, int max) {
    if (!layer.has(member)) {
      layer.violate(member, "'" + member + "' is required");
      return null;
    }
    long before = layer.violations().count();
    List<Integer> numbers = layer.integers(member, min, max);
    if (numbers == null || layer.violations().count() > before) {
      return null;
    }
    if (numbers.isEmpty() || numbers.size() > MAX_AXES) {
      layer.violate(
          member, "From 1 to %d axes were expected, got %d".formatted(MAX_AXES, numbers.size()));
      return null;
    }
    return numbers;
  }

  private static Padding.Explicit sides(JsonObject layer, String member) {
    if (!layer.has(member)) {
      layer.violate(member, "'" + member + "' is required");
    }
    return WindowReader.explicit(layer, member, given(layer, member));
  }

  /** For how many axes a member speaks. */
  private static int given(JsonObject layer, String member) {
    JsonNode json = layer.get(member);
    return json != null && json.isArray() ? Math.clamp(json.size(), 1, MAX_AXES) : 1;
  }
}
