package io.trainyard.dataset;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Members;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes the instances of a predict request the same {@link Rows} that training reads. */
final class InstanceReader {
  private final Map<String, Need> needs = new LinkedHashMap<>();
  private final Set<String> ignored;
  private final Violations violations;

  /** How one column is read. */
  private record Need(ColumnEncoding column, boolean whole, boolean required) {}

  InstanceReader(Encoding encoding, Violations violations) {
    this.violations = violations;
    this.ignored = encoding.targetColumns();
    for (InputEncoding input : encoding.inputs().values()) {
      boolean whole = input.type() == ElementType.INT64;
      for (ColumnEncoding column : input.columns()) {
        Need before = needs.get(column.column());
        needs.put(
            column.column(),
            new Need(
                column,
                whole || (before != null && before.whole()),
                required(column) || (before != null && before.required())));
      }
    }
  }

  private static boolean required(ColumnEncoding column) {
    return switch (column) {
      case ColumnEncoding.Numeric number -> number.refusesMissing();
      case ColumnEncoding.Category category ->
          category.unknown() == io.trainyard.spec.InputSpec.Unknown.ERROR;
    };
  }

  Rows read(JsonNode instances, String pointer) {
    if (!instances.isArray()) {
      violations.add(pointer, "A list of objects was expected, got " + Members.describe(instances));
      return new Rows(0, 0, Map.of());
    }
    int count = instances.size();
    Map<String, ColumnValues> columns = new LinkedHashMap<>();
    needs.forEach((name, need) -> columns.put(name, buffer(need, count)));
    for (int row = 0; row < count; row++) {
      readRow(instances.get(row), row, Violation.pointer(pointer, row), columns);
    }
    return new Rows(0, count, columns);
  }

  private static ColumnValues buffer(Need need, int count) {
    return switch (need.column()) {
      case ColumnEncoding.Category category -> new ColumnValues.Texts(new @Nullable String[count]);
      case ColumnEncoding.Numeric number -> {
        int width = number.width();
        int elements = Math.multiplyExact(count, width);
        yield need.whole()
            ? new ColumnValues.Integers(new long[elements], new boolean[count], width)
            : new ColumnValues.Numbers(new double[elements], new boolean[count], width);
      }
    };
  }

  private void readRow(
      JsonNode instance, int row, String pointer, Map<String, ColumnValues> columns) {
    if (!instance.isObject()) {
      violations.add(
          pointer, "An object by column was expected, got " + Members.describe(instance));
      return;
    }
    needs.forEach(
        (name, need) -> {
          JsonNode child = instance.get(name);
          ColumnValues values = java.util.Objects.requireNonNull(columns.get(name));
          String at = Violation.pointer(pointer, name);
          if (child == null || child.isNull()) {
            missing(need, values, row, at);
          } else {
            read(child, need, values, row, at);
          }
        });
    for (String name : instance.propertyNames()) {
      if (!needs.containsKey(name) && !ignored.contains(name)) {
        violations.add(
            Violation.pointer(pointer, name),
            "Unknown column '"
                + Categories.shorten(name)
                + "'; known here: "
                + Categories.list(needs.keySet().stream().toList()));
      }
    }
  }

  private void missing(Need need, ColumnValues values, int row, String at) {
    if (need.required()) {
      violations.add(at, "'" + need.column().column() + "' has no value, and nothing is imputed");
    }
    switch (values) {
      case ColumnValues.Integers integers -> integers.missing()[row] = true;
      case ColumnValues.Numbers numbers -> numbers.missing()[row] = true;
      case ColumnValues.Texts texts -> texts.elements()[row] = null;
    }
  }

  private void read(JsonNode child, Need need, ColumnValues values, int row, String at) {
    switch (values) {
      case ColumnValues.Texts texts ->
          texts.elements()[row] = text(child, need.column().type(), at);
      case ColumnValues.Integers integers -> {
        long[] elements = integers.elements();
        int[] next = {row * integers.width()};
        walk(
            child,
            need.column().shape(),
            0,
            at,
            (leaf, place) -> elements[next[0]++] = whole(leaf, place));
      }
      case ColumnValues.Numbers numbers -> {
        double[] elements = numbers.elements();
        int[] next = {row * numbers.width()};
        walk(
            child,
            need.column().shape(),
            0,
            at,
            (leaf, place) -> elements[next[0]++] = number(leaf, place));
      }
    }
  }

  private @Nullable String text(JsonNode child, ColumnType type, String at) {
    boolean fits = type == ColumnType.BOOLEAN ? child.isBoolean() : child.isString();
    if (!fits) {
      String expected = type == ColumnType.BOOLEAN ? "true or false" : "A string";
      violations.add(at, expected + " was expected, got " + Members.describe(child));
      return null;
    }
    return child.asString();
  }

  private interface Leaf {
    void read(JsonNode leaf, String at);
  }

  private void walk(JsonNode node, @Nullable Shape shape, int axis, String at, Leaf leaf) {
    if (shape == null || axis == shape.rank()) {
      leaf.read(node, at);
      return;
    }
    int length = shape.axis(axis);
    if (!node.isArray() || node.size() != length) {
      String got = node.isArray() ? "a list of " + node.size() : Members.describe(node);
      violations.add(
          at, "A list of " + length + " was expected in a tensor of " + shape + ", got " + got);
      return;
    }
    for (int i = 0; i < length; i++) {
      walk(node.get(i), shape, axis + 1, Violation.pointer(at, i), leaf);
    }
  }

  private double number(JsonNode leaf, String at) {
    if (leaf.isNumber() && Double.isFinite(leaf.doubleValue())) {
      return leaf.doubleValue();
    }
    violations.add(at, "A number was expected, got " + Members.describe(leaf));
    return 0;
  }

  private long whole(JsonNode leaf, String at) {
    if (leaf.isIntegralNumber() && leaf.canConvertToLong()) {
      return leaf.longValue();
    }
    if (leaf.isNumber()
        && leaf.doubleValue() == Math.rint(leaf.doubleValue())
        && Math.abs(leaf.doubleValue()) <= 1L << 53) {
      return (long) leaf.doubleValue();
    }
    violations.add(at, "A whole number was expected, got " + Members.describe(leaf));
    return 0;
  }
}
