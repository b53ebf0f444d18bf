package io.trainyard.dataset;

import io.trainyard.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Types, profiles and values of one column of JSON rows. */
final class InMemoryColumn {
  private InMemoryColumn() {}

  static Column of(String name, List<ObjectNode> rows) {
    List<JsonNode> present = present(name, rows);
    ColumnType type =
        all(present, JsonNode::isIntegralNumber)
            ? ColumnType.INTEGER
            : all(present, JsonNode::isNumber)
                ? ColumnType.NUMBER
                : all(present, JsonNode::isBoolean)
                    ? ColumnType.BOOLEAN
                    : all(present, JsonNode::isArray)
                        ? ColumnType.TENSOR
                        : all(present, InMemoryColumn::isDate)
                            ? ColumnType.TIMESTAMP
                            : ColumnType.STRING;
    Shape shape = type == ColumnType.TENSOR ? InMemoryDatasets.shape(present.getFirst()) : null;
    boolean whole =
        switch (type) {
          case INTEGER -> true;
          case TENSOR -> all(leaves(present), JsonNode::isIntegralNumber);
          case NUMBER, BOOLEAN, STRING, TIMESTAMP -> false;
        };
    ColumnProfile empty =
        new ColumnProfile(0, 0, null, null, null, null, null, List.of(), List.of(), null);
    return of(new Column(name, type, shape, whole, empty), rows);
  }

  /** The column profiled over other rows. */
  static Column of(Column column, List<ObjectNode> rows) {
    List<JsonNode> present = present(column.name(), rows);
    List<Double> numbers =
        leaves(present).stream().filter(JsonNode::isNumber).map(JsonNode::doubleValue).toList();
    double mean = numbers.stream().mapToDouble(x -> x).average().orElse(0);
    double variance =
        numbers.stream().mapToDouble(x -> (x - mean) * (x - mean)).average().orElse(0);
    List<String> labels = labels(column, rows);
    return new Column(
        column.name(),
        column.type(),
        column.shape(),
        column.wholeNumbers(),
        new ColumnProfile(
            rows.size() - present.size(),
            labels.size(),
            extreme(column, numbers, false),
            extreme(column, numbers, true),
            numbers.isEmpty() ? null : mean,
            numbers.isEmpty() ? null : Math.sqrt(variance),
            null,
            List.of(),
            List.of(),
            labels));
  }

  /** An INTEGER stays exact up to 2^53, which is enough for tests. */
  private static @Nullable Number extreme(Column column, List<Double> numbers, boolean largest) {
    if (numbers.isEmpty()) {
      return null;
    }
    double extreme =
        largest
            ? numbers.stream().mapToDouble(x -> x).max().orElseThrow()
            : numbers.stream().mapToDouble(x -> x).min().orElseThrow();
    return column.wholeNumbers() ? (Number) (long) extreme : (Number) extreme;
  }

  static List<String> labels(Column column, List<ObjectNode> rows) {
    return present(column.name(), rows).stream()
        .map(cell -> cell.isNumber() && !cell.isIntegralNumber() ? label(cell) : cell.asString(""))
        .distinct()
        .toList();
  }

  private static String label(JsonNode number) {
    return ColumnValues.label(number.doubleValue());
  }

  /** What a scan of these rows gives. */
  static ColumnValues values(Column column, List<ObjectNode> rows) {
    int width = column.shape() == null ? 1 : Math.toIntExact(column.shape().elements());
    boolean[] missing = new boolean[rows.size()];
    long[] whole = new long[rows.size() * width];
    double[] numbers = new double[rows.size() * width];
    @Nullable String[] texts = new @Nullable String[rows.size()];
    for (int row = 0; row < rows.size(); row++) {
      JsonNode cell = rows.get(row).get(column.name());
      missing[row] = cell.isNull();
      if (missing[row]) {
        continue;
      }
      switch (column.type()) {
        case STRING, BOOLEAN -> texts[row] = cell.asString();
        case TIMESTAMP -> whole[row] = micros(cell.stringValue());
        case INTEGER, NUMBER, TENSOR -> {
          List<JsonNode> elements = leaves(List.of(cell));
          for (int i = 0; i < width; i++) {
            numbers[row * width + i] = elements.get(i).doubleValue();
            whole[row * width + i] = column.wholeNumbers() ? elements.get(i).longValue() : 0;
          }
        }
      }
    }
    return switch (column.type()) {
      case STRING, BOOLEAN -> new ColumnValues.Texts(texts);
      case INTEGER, TIMESTAMP -> new ColumnValues.Integers(whole, missing, width);
      case NUMBER -> new ColumnValues.Numbers(numbers, missing, width);
      case TENSOR ->
          column.wholeNumbers()
              ? new ColumnValues.Integers(whole, missing, width)
              : new ColumnValues.Numbers(numbers, missing, width);
    };
  }

  private static List<JsonNode> present(String name, List<ObjectNode> rows) {
    return rows.stream()
        .map(row -> Objects.requireNonNull(row.get(name)))
        .filter(cell -> !cell.isNull())
        .toList();
  }

  /** Elements of tensors, row-major; other cells as they are. */
  private static List<JsonNode> leaves(List<JsonNode> cells) {
    List<JsonNode> leaves = new ArrayList<>();
    for (JsonNode cell : cells) {
      if (cell.isArray()) {
        leaves.addAll(leaves(List.copyOf(cell.values())));
      } else {
        leaves.add(cell);
      }
    }
    return leaves;
  }

  private static boolean all(List<JsonNode> cells, Predicate<JsonNode> is) {
    return cells.stream().allMatch(is);
  }

  private static boolean isDate(JsonNode cell) {
    return cell.isString() && TimestampText.matches(cell.stringValue());
  }

  private static long micros(String date) {
    return TimestampText.micros(date.getBytes(StandardCharsets.UTF_8));
  }
}
