package io.trainyard.spec.layer;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Elements added around the axes that a window slides over. */
public sealed interface Padding {
  /** None. */
  record Valid() implements Padding {}

  /**
   * As many as make the output ⌈n/stride⌉ long: half of them, rounded down, before and the rest
   * after. Source: TensorFlow's SAME.
   */
  record Same() implements Padding {}

  /** All before, so that no output depends on later elements. Source: Keras's causal. */
  record Causal() implements Padding {}

  /** A number before and a number after each axis. */
  record Explicit(List<Integer> before, List<Integer> after) implements Padding {
    public Explicit {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }

    /** A number, one per axis, or a pair per axis; zeros when it is refused. */
    static Explicit read(JsonObject layer, String member, int axes) {
      JsonNode json = layer.get(member);
      if (json != null && json.isArray() && !json.isEmpty() && json.get(0).isArray()) {
        return pairs(layer, member, json, axes);
      }
      List<Integer> both = WindowSpec.perAxis(layer, member, axes, Collections.nCopies(axes, 0), 0);
      return new Explicit(both, both);
    }

    private static Explicit pairs(JsonObject layer, String member, JsonNode json, int axes) {
      List<Integer> before = new ArrayList<>();
      List<Integer> after = new ArrayList<>();
      Violations violations = layer.violations();
      for (int axis = 0; axis < json.size() && axis < axes; axis++) {
        String at = Violation.pointer(layer.pointer(member), axis);
        JsonNode pair = json.get(axis);
        if (!pair.isArray() || pair.size() != 2) {
          violations.add(at, "[before, after] was expected, got " + JsonObject.describe(pair));
        } else {
          before.add(JsonObject.integer(pair.get(0), at + "/0", 0, WindowSpec.MAX, violations));
          after.add(JsonObject.integer(pair.get(1), at + "/1", 0, WindowSpec.MAX, violations));
        }
      }
      if (json.size() != axes) {
        layer.violate(
            member, "A pair for each of %d axes was expected, got %d".formatted(axes, json.size()));
      }
      List<Integer> none = Collections.nCopies(axes, 0);
      return before.size() == axes ? new Explicit(before, after) : new Explicit(none, none);
    }
  }
}
