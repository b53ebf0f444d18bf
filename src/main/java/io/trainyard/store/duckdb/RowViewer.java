package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.tensor.Shape;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads a few rows or values of a version as JSON. */
public final class RowViewer {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** About how many bytes a number has in JSON, with its separators. */
  private static final long NUMBER_BYTES = 12;

  private final DuckDb duck;
  private final DatasetVersion version;

  public RowViewer(DuckDb duck, DatasetVersion version) {
    this.duck = duck;
    this.version = version;
  }

  /** Ends with the row that reaches about so many bytes of JSON. */
  public List<ObjectNode> rows(String source, long offset, int limit, long maxBytes)
      throws SQLException {
    return duck.query(
        "select * from %s limit %d offset %d".formatted(source, limit, offset),
        rows -> {
          List<ObjectNode> shown = new ArrayList<>();
          long bytes = 0;
          while (bytes < maxBytes && rows.next()) {
            ObjectNode row = JSON.objectNode();
            for (int i = 0; i < version.columns().size(); i++) {
              Column column = version.columns().get(i);
              JsonNode node = node(rows, i + 1, column);
              row.set(column.name(), node);
              bytes += column.name().length() + bytes(node, column);
            }
            shown.add(row);
          }
          return shown;
        });
  }

  private static long bytes(JsonNode node, Column column) {
    if (node.isArray() && column.shape() != null) {
      return NUMBER_BYTES * column.shape().elements();
    }
    return NUMBER_BYTES + node.stringValue("").length();
  }

  private static JsonNode node(ResultSet rows, int at, Column column) throws SQLException {
    Object item = StoredValue.read(rows, at, column.type());
    return switch (item) {
      case null -> JSON.nullNode();
      case Long number -> JSON.numberNode(number);
      case Double number -> JSON.numberNode(number);
      case Boolean truth -> JSON.booleanNode(truth);
      case java.sql.Array list when column.shape() != null -> {
        Object[] elements = (Object[]) list.getArray();
        yield nested(elements, column.shape(), 0, new int[1]);
      }
      default -> JSON.stringNode(item.toString());
    };
  }

  private static JsonNode nested(Object[] elements, Shape shape, int axis, int[] next) {
    if (axis == shape.rank()) {
      Object element = elements[next[0]++];
      return element instanceof Long whole
          ? JSON.numberNode(whole)
          : JSON.numberNode(((Number) element).doubleValue());
    }
    ArrayNode list = JSON.arrayNode();
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(elements, shape, axis + 1, next));
    }
    return list;
  }

  /** The different values of a column as texts, in no particular order. */
  public List<String> distinct(String source, int index, int least, int limit) throws SQLException {
    String stored = IngestedTable.storedName(index);
    Column column = version.columns().get(index);
    return duck.query(
        "select %1$s from %2$s where %1$s is not null group by %1$s having count(*) >= %3$d limit %4$d"
            .formatted(stored, source, least, limit),
        rows -> {
          List<String> found = new ArrayList<>();
          while (rows.next()) {
            Object item = StoredValue.read(rows, 1, column.type());
            if (item != null) {
              found.add(StoredValue.label(item));
            }
          }
          return found;
        });
  }
}
