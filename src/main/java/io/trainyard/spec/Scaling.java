package io.trainyard.spec;

import io.trainyard.json.JsonObject;
import tools.jackson.databind.JsonNode;

/** How a number column is scaled. Statistics come from the training rows only. */
public sealed interface Scaling {
  record None() implements Scaling {}

  /** (x − mean)/std, where std divides by n. A constant column becomes 0. */
  record Standard() implements Scaling {}

  /** Linear to [−1, 1]. */
  record MinMax() implements Scaling {}

  /** Linear to [0, 1]. */
  record Unit() implements Scaling {}

  record Divide(double by) implements Scaling {
    public Divide {
      if (!(Math.abs(by) > 0 && Double.isFinite(by))) {
        throw new IllegalArgumentException("divide must be a number other than 0, was " + by);
      }
    }
  }

  /** Reads the member {@code scale}; {@link None} when it is missing. */
  static Scaling read(JsonObject owner) {
    JsonNode scale = owner.get("scale");
    if (scale == null) {
      return new None();
    }
    if (scale.isObject()) {
      JsonObject object = JsonObject.of(scale, owner.pointer("scale"), owner.violations());
      double by = object.requiredNumber("divide");
      object.finish();
      Scaling divide =
          Double.isNaN(by) ? null : object.build(object.pointer("divide"), () -> new Divide(by));
      return divide == null ? new None() : divide;
    }
    if (scale.isNumber()) {
      owner.violate(
          "scale",
          "A name or an object was expected, got %1$s; to divide by it write {\"divide\": %1$s}"
              .formatted(JsonObject.describe(scale)));
      return new None();
    }
    return switch (owner.choice("scale", Name.NONE)) {
      case NONE -> new None();
      case STANDARD -> new Standard();
      case MINMAX -> new MinMax();
      case UNIT -> new Unit();
    };
  }

  /** The scalings that are written as a word. */
  enum Name {
    NONE,
    STANDARD,
    MINMAX,
    UNIT
  }
}
