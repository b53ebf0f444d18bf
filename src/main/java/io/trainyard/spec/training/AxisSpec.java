package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A column along which a network is asked.
 *
 * @param column "" when it could not be read
 * @param min null: what the data has
 * @param max likewise
 */
public record AxisSpec(String column, @Nullable Double min, @Nullable Double max) {
  /** A column's name, or an object with its range. */
  private static AxisSpec read(JsonObject body, String member) {
    JsonNode json = body.get(member);
    if (json == null) {
      body.violate(member, "'%s' is required: the name of a column".formatted(member));
    }
    if (json == null || json.isString()) {
      return new AxisSpec(json == null ? "" : json.stringValue(), null, null);
    }
    JsonObject axis = JsonObject.of(json, body.pointer(member), body.violations());
    AxisSpec read =
        new AxisSpec(axis.requiredText("column"), axis.number("min"), axis.number("max"));
    Double min = read.min();
    Double max = read.max();
    if (min != null && max != null && !(min < max)) {
      axis.violate("max", "A number above min, %s, was expected, got %s".formatted(min, max));
    }
    axis.finish();
    return read;
  }

  /** Two columns that are not the same. */
  public record Pair(AxisSpec x, AxisSpec y) {
    /** Reads the members {@code x} and {@code y}. */
    public static Pair read(JsonObject body) {
      AxisSpec x = AxisSpec.read(body, "x");
      AxisSpec y = AxisSpec.read(body, "y");
      if (!x.column().isEmpty() && x.column().equals(y.column())) {
        body.violate(
            "y", "Another column than x was expected, got '%s' again".formatted(y.column()));
      }
      return new Pair(x, y);
    }
  }
}
