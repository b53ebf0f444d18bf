package io.trainyard.dataset.encoding;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The order of the columns in instances that are arrays. An instance of a window is the array of
 * its rows, oldest first. The value of an only column needs no array around it, and a tensor has
 * none.
 */
public final class ColumnOrder {
  /** In place of a row of a window: the column's whole value. */
  static final int WHOLE = -1;

  private static final int NO_WINDOW = 0;
  private static final int NO_ORDER = -1;

  private final List<String> columns;
  private final @Nullable Shape tensor;

  /** The rows of an instance, or one of the two constants. */
  private final int length;

  private ColumnOrder(List<String> columns, @Nullable Shape tensor, int length) {
    this.columns = columns;
    this.tensor = tensor;
    this.length = length;
  }

  static ColumnOrder of(Encoding encoding) {
    Map<String, @Nullable Shape> shapes = new LinkedHashMap<>();
    boolean windows = false;
    for (InputEncoding input : encoding.inputs().values()) {
      windows |= input.window() != null;
      input.columns().forEach(column -> shapes.putIfAbsent(column.column(), column.shape()));
    }
    List<String> columns = List.copyOf(shapes.keySet());
    int length = NO_WINDOW;
    if (windows) {
      boolean one = encoding.inputs().size() == 1;
      length = one ? encoding.inputs().values().iterator().next().rows() : NO_ORDER;
    }
    return new ColumnOrder(
        columns, columns.size() == 1 ? shapes.get(columns.getFirst()) : null, length);
  }

  public List<String> columns() {
    return columns;
  }

  /** What is wrong with an instance that is no object; null when nothing is. */
  @Nullable String fault(JsonNode instance) {
    if (length == NO_ORDER) {
      return "An object by column was expected, got " + JsonObject.describe(instance);
    }
    if (length == NO_WINDOW) {
      return rowFault(instance);
    }
    if (!instance.isArray() || instance.size() != length) {
      return "An object by column, or the list of the last %d rows, oldest first, was expected, got %s"
          .formatted(length, shown(instance));
    }
    for (int row = 0; row < length; row++) {
      String fault = rowFault(instance.get(row));
      if (fault != null) {
        return "Row " + row + ": " + fault;
      }
    }
    return null;
  }

  private @Nullable String rowFault(JsonNode row) {
    boolean fits = row.isArray() && row.size() == columns.size();
    if (fits || tensor != null || (columns.size() == 1 && row.isValueNode())) {
      return null;
    }
    return "An object by column, or a list of %d values in the order %s, was expected, got %s"
        .formatted(columns.size(), JsonObject.shorten(columns), shown(row));
  }

  private static String shown(JsonNode node) {
    return node.isArray() ? "a list of " + node.size() : JsonObject.describe(node);
  }

  /** An instance without a {@link #fault} as an object by column. */
  ObjectNode byColumn(JsonNode instance) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int column = 0; column < columns.size(); column++) {
      JsonNode cell;
      if (length == NO_WINDOW) {
        cell = cell(instance, column);
      } else {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode(length);
        for (int row = 0; row < length; row++) {
          rows.add(cell(instance.get(row), column));
        }
        cell = rows;
      }
      object.set(columns.get(column), cell);
    }
    return object;
  }

  private JsonNode cell(JsonNode row, int column) {
    return isCell(row) ? row : row.get(column);
  }

  /** Whether a row is the value of the only column itself. */
  private boolean isCell(JsonNode row) {
    return tensor != null || !row.isArray();
  }

  /**
   * Where a value is.
   *
   * @param instance an object, or what {@link #byColumn} took
   * @param at the place of the instance
   * @param row of the window, or {@link #WHOLE}
   */
  String pointer(JsonNode instance, String at, String column, int row) {
    if (instance.isObject()) {
      String cell = Violation.pointer(at, column);
      return row == WHOLE ? cell : Violation.pointer(cell, row);
    }
    JsonNode own = row == WHOLE ? instance : instance.get(row);
    String place = row == WHOLE ? at : Violation.pointer(at, row);
    return isCell(own) ? place : Violation.pointer(place, columns.indexOf(column));
  }
}
