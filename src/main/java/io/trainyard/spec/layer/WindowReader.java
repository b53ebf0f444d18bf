package io.trainyard.spec.layer;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads sizes, strides, dilation and padding of a sliding window. */
final class WindowReader {
  private static final int MAX = 1 << 16;

  private WindowReader() {}

  /** A convolution's window; null when the violations say why not. */
  static @Nullable WindowSpec convolution(JsonObject layer, int axes) {
    List<Integer> size = required(layer, "kernel_size", axes);
    List<Integer> strides = perAxis(layer, "strides", axes, ones(axes), 1);
    List<Integer> dilation = perAxis(layer, "dilation", axes, ones(axes), 1);
    Padding padding = padding(layer, axes, axes == 1);
    return size == null ? null : new WindowSpec(size, strides, dilation, padding);
  }

  /** A pool's window, which moves by its own size unless told otherwise. */
  static @Nullable WindowSpec pool(JsonObject layer, int axes) {
    List<Integer> size = required(layer, "pool_size", axes);
    List<Integer> strides = perAxis(layer, "strides", axes, size == null ? ones(axes) : size, 1);
    Padding padding = padding(layer, axes, false);
    return size == null ? null : new WindowSpec(size, strides, ones(axes), padding);
  }

  private static @Nullable List<Integer> required(JsonObject layer, String member, int axes) {
    if (!layer.has(member)) {
      layer.violate(member, "'" + member + "' is required");
      return null;
    }
    return perAxis(layer, member, axes, ones(axes), 1);
  }

  /** One number for all axes, or one for each. */
  static List<Integer> perAxis(
      JsonObject layer, String member, int axes, List<Integer> fallback, int min) {
    JsonNode json = layer.get(member);
    if (json == null) {
      return fallback;
    }
    if (!json.isArray()) {
      return Collections.nCopies(axes, layer.integer(member, min, min, MAX));
    }
    List<Integer> numbers = layer.integers(member, min, MAX);
    if (numbers == null || numbers.size() != axes) {
      layer.violate(
          member,
          "One number, or a list of %d, was expected, got a list of %d"
              .formatted(axes, json.size()));
      return fallback;
    }
    return numbers;
  }

  static Padding padding(JsonObject layer, int axes, boolean mayBeCausal) {
    JsonNode json = layer.get("padding");
    if (json == null) {
      return new Padding.Valid();
    }
    if (json.isString()) {
      return named(layer, json.stringValue(), mayBeCausal);
    }
    return explicit(layer, "padding", axes);
  }

  private static Padding named(JsonObject layer, String name, boolean mayBeCausal) {
    if (name.equals("same")) {
      return new Padding.Same();
    }
    if (name.equals("causal") && mayBeCausal) {
      return new Padding.Causal();
    }
    if (!name.equals("valid")) {
      layer.violate(
          "padding",
          "valid, same, %sa number, [p, …] or [[before, after], …] was expected, got '%s'"
              .formatted(mayBeCausal ? "causal, " : "", JsonObject.shorten(name)));
    }
    return new Padding.Valid();
  }

  /** A number, one per axis, or a pair per axis. */
  static Padding.Explicit explicit(JsonObject layer, String member, int axes) {
    JsonNode json = layer.get(member);
    List<Integer> before = Collections.nCopies(axes, 0);
    if (json == null || !json.isArray() || json.isEmpty() || !json.get(0).isArray()) {
      List<Integer> both = perAxis(layer, member, axes, before, 0);
      return new Padding.Explicit(both, both);
    }
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    Violations violations = layer.violations();
    for (int axis = 0; axis < json.size() && axis < axes; axis++) {
      String at = Violation.pointer(layer.pointer(member), axis);
      JsonNode pair = json.get(axis);
      if (!pair.isArray() || pair.size() != 2) {
        violations.add(at, "[before, after] was expected, got " + JsonObject.describe(pair));
      } else {
        first.add(JsonObject.integer(pair.get(0), at + "/0", 0, MAX, violations));
        second.add(JsonObject.integer(pair.get(1), at + "/1", 0, MAX, violations));
      }
    }
    if (json.size() != axes) {
      layer.violate(
          member, "A pair for each of %d axes was expected, got %d".formatted(axes, json.size()));
    }
    return first.size() == axes
        ? new Padding.Explicit(first, second)
        : new Padding.Explicit(before, before);
  }

  private static List<Integer> ones(int axes) {
    return Collections.nCopies(axes, 1);
  }
}
