package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.TimestampText;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The type of one member of the rows. The first value decides it; later, only integers may become
 * numbers.
 */
final class JsonColumn {
  private static final int MAX_ELEMENTS = 1 << 24;

  private final @Nullable ColumnType forced;
  private @Nullable ColumnType type;
  private @Nullable Shape shape;
  private boolean onlyTimes = true;
  private boolean onlyWholes = true;

  JsonColumn(@Nullable ColumnType forced) {
    this.forced = forced;
    this.type = forced;
  }

  /** A column without values holds strings; one whose strings are all timestamps, timestamps. */
  ColumnType type() {
    if (type == null) {
      return ColumnType.STRING;
    }
    boolean times = forced == null && type == ColumnType.STRING && onlyTimes;
    return times ? ColumnType.TIMESTAMP : type;
  }

  /** Whether all numbers are whole, elements of tensors included. */
  boolean isWhole() {
    return type == ColumnType.INTEGER || (type == ColumnType.TENSOR && onlyWholes);
  }

  @Nullable Shape shape() {
    return shape;
  }

  /** Adds a value; gives what is wrong with it, or null. */
  @Nullable String add(JsonNode node) {
    if (node.isNull()) {
      return null;
    }
    if (node.isObject()) {
      return "A nested object is not a value; use a column for each of its members";
    }
    if (node.isArray()) {
      return addTensor(node);
    }
    ColumnType found = scalar(node);
    if (found == null) {
      return "The number is beyond the range of a double";
    }
    if (found == ColumnType.STRING) {
      onlyTimes &= TimestampText.matches(node.stringValue());
    }
    if (type == null || found == type || (type == ColumnType.NUMBER && isNumber(found))) {
      type = type == null ? found : type;
      return null;
    }
    if (type == ColumnType.TIMESTAMP && found == ColumnType.STRING) {
      return TimestampText.matches(node.stringValue()) ? null : expected(node);
    }
    if (forced == null && type == ColumnType.INTEGER && found == ColumnType.NUMBER) {
      type = ColumnType.NUMBER;
      return null;
    }
    return expected(node);
  }

  private String expected(JsonNode node) {
    String what =
        switch (type == null ? ColumnType.STRING : type) {
          case INTEGER -> "A whole number";
          case NUMBER -> "A number";
          case BOOLEAN -> "true or false";
          case STRING -> "A string";
          case TIMESTAMP -> "A time such as 2026-01-31T12:00:00Z";
          case TENSOR -> "A list of the shape " + shape;
        };
    String why = forced == null ? " as in the rows before" : "";
    return what + " was expected" + why + ", got " + JsonObject.describe(node);
  }

  private static boolean isNumber(ColumnType type) {
    return type == ColumnType.INTEGER || type == ColumnType.NUMBER;
  }

  private static @Nullable ColumnType scalar(JsonNode node) {
    if (node.isBoolean()) {
      return ColumnType.BOOLEAN;
    }
    if (node.isString()) {
      return ColumnType.STRING;
    }
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return ColumnType.INTEGER;
    }
    return node.isNumber() && StrictJson.isFinite(node) ? ColumnType.NUMBER : null;
  }

  private @Nullable String addTensor(JsonNode node) {
    if (type != null && type != ColumnType.TENSOR) {
      return expected(node);
    }
    List<Integer> dims = new ArrayList<>();
    for (JsonNode at = node; at.isArray(); at = at.get(0)) {
      if (at.isEmpty()) {
        return "A list is empty";
      }
      dims.add(at.size());
    }
    Shape found = new Shape(dims);
    if (found.elements() > MAX_ELEMENTS) {
      return "A tensor of the shape " + found + " is too large";
    }
    String fault = check(node, dims, 0);
    if (fault != null) {
      return fault;
    }
    if (shape != null && !shape.equals(found)) {
      return "A tensor of the shape "
          + shape
          + " was expected as in the rows before, got "
          + found
          + "; sequences of different lengths are not supported";
    }
    shape = found;
    type = ColumnType.TENSOR;
    return null;
  }

  private @Nullable String check(JsonNode node, List<Integer> dims, int axis) {
    if (axis == dims.size()) {
      if (!node.isNumber()) {
        return "A tensor holds numbers, got " + JsonObject.describe(node);
      }
      onlyWholes &= node.isIntegralNumber() && node.canConvertToLong();
      return StrictJson.isFinite(node) ? null : "A number is beyond the range of a double";
    }
    if (!node.isArray() || node.size() != dims.get(axis)) {
      return "A list is ragged: "
          + dims.get(axis)
          + " elements were expected, got "
          + (node.isArray() ? node.size() : JsonObject.describe(node));
    }
    for (JsonNode child : node) {
      String fault = check(child, dims, axis + 1);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }
}
