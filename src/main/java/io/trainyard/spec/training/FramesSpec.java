package io.trainyard.spec.training;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is kept of a network while it learns, to see it bend.
 *
 * @param x a column of the inputs, along which it is asked
 * @param y another one
 * @param steps values of each of the two columns
 * @param neurons whether the hidden neurons are asked too
 * @param weights whether weights are kept
 * @param pointer where it was asked for
 */
public record FramesSpec(
    AxisSpec x, AxisSpec y, int steps, boolean neurons, boolean weights, String pointer) {
  private static final int MAX_STEPS = 100;
  private static final int STEPS = 60;

  /** Reads the first entry of the diagnostics that is an object; null when there is none. */
  static @Nullable FramesSpec read(JsonObject training) {
    JsonNode list = training.get("diagnostics");
    FramesSpec first = null;
    for (int i = 0; list != null && list.isArray() && i < list.size(); i++) {
      if (!list.get(i).isObject()) {
        continue;
      }
      if (first != null) {
        training.violate("diagnostics", i, "'frames' is listed twice");
        continue;
      }
      String pointer = Violation.pointer(training.pointer("diagnostics"), i);
      first = entry(JsonObject.of(list.get(i), pointer, training.violations()));
    }
    return first;
  }

  private static @Nullable FramesSpec entry(JsonObject entry) {
    JsonObject frames = entry.object("frames");
    if (frames == null) {
      entry.violate(
          "frames",
          "'frames' is required in a diagnostic that is no word, with two columns of the inputs:"
              + " {\"frames\": {\"x\": \"a\", \"y\": \"b\"}}");
    }
    entry.finish();
    if (frames == null) {
      return null;
    }
    AxisSpec.Pair axes = AxisSpec.Pair.read(frames);
    FramesSpec read =
        new FramesSpec(
            axes.x(),
            axes.y(),
            frames.integer("steps", STEPS, 2, MAX_STEPS),
            frames.bool("neurons", true),
            frames.bool("weights", true),
            frames.pointer());
    frames.finish();
    return read;
  }
}
