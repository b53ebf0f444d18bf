package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.TimestampText;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.TargetSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BinaryNode;

/**
 * Reads the instances of a predict request into the same {@link Rows} that training reads, for each
 * input, and encodes them. The rows of a window come as one list per column, oldest first.
 */
final class InstanceReader {
  /** Of a cell without a value, where nothing is imputed. */
  private static final String MISSING = "missing";

  /** Of a cell whose value the encoding does not know. */
  private static final String UNENCODED = "unencoded";

  /** Of a column that no input reads. */
  private static final String UNKNOWN = "unknown";

  private final Encoding encoding;
  private final ColumnOrder order;
  private final String pointer;
  private final int first;
  private final boolean ignoreUnknown;
  private final Violations violations;
  private final Set<String> ignored;

  /** By column: the rows of the longest window that reads it; 0 without windows. */
  private final Map<String, Integer> lengths;

  /** The input that reads. */
  private String reader = "";

  /** The column that is read. */
  private String columnRead = "";

  /**
   * @param pointer the place of the list of instances in the body
   * @param first the place of the first instance in that list
   * @param ignoreUnknown whether columns that no input reads are left out
   */
  InstanceReader(
      Encoding encoding, String pointer, int first, boolean ignoreUnknown, Violations violations) {
    this.violations = violations;
    this.encoding = encoding;
    this.order = encoding.columnOrder();
    this.pointer = pointer;
    this.first = first;
    this.ignoreUnknown = ignoreUnknown;
    this.ignored = encoding.ignoredColumns();
    this.lengths = encoding.windowLengths();
  }

  /** By input, [instances, ...]; null where they have faults. */
  @Nullable Map<String, HostTensor> encode(JsonNode instances) {
    long before = violations.count();
    Map<String, Rows> rows = read(instances);
    if (rows.isEmpty()) {
      return null;
    }
    boolean refused = violations.count() > before;
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              Rows own = Objects.requireNonNull(rows.get(name));
              InputEncoding.Faults faults =
                  (row, column, detail) -> {
                    boolean missing = own.column(column).isMissing(row);
                    // What is missing, or could not be read, has been told.
                    if (!missing || !refused) {
                      violations.addCell(
                          name,
                          column,
                          missing ? MISSING : UNENCODED,
                          place(instances, input, row, column),
                          detail);
                    }
                  };
              tensors.put(name, input.encode(own, faults));
            });
    return violations.count() > before ? null : tensors;
  }

  private String place(JsonNode instances, InputEncoding input, int row, String column) {
    int instance = row / input.rows();
    return order.pointer(
        instances.get(instance),
        at(instance),
        column,
        input.window() == null ? ColumnOrder.WHOLE : row % input.rows());
  }

  private String at(int instance) {
    return Violation.pointer(pointer, first + instance);
  }

  /** By input: one row for each instance, or for each row of its window. */
  private Map<String, Rows> read(JsonNode instances) {
    Map<String, Rows> rows = new LinkedHashMap<>();
    if (!instances.isArray()) {
      violations.add(
          pointer, "A list of objects was expected, got " + JsonObject.describe(instances));
      return rows;
    }
    List<@Nullable JsonNode> objects = byColumn(instances);
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              reader = name;
              rows.put(name, read(input, objects, instances));
            });
    return rows;
  }

  /** Each instance as an object by column; null for one with a fault. */
  private List<@Nullable JsonNode> byColumn(JsonNode instances) {
    List<@Nullable JsonNode> objects = new ArrayList<>(instances.size());
    for (int i = 0; i < instances.size(); i++) {
      JsonNode instance = instances.get(i);
      String at = at(i);
      if (!instance.isObject()) {
        String fault = order.fault(instance);
        if (fault != null) {
          violations.add(at, fault);
        }
        objects.add(fault == null ? order.byColumn(instance) : null);
        continue;
      }
      objects.add(instance);
      for (String name : instance.propertyNames()) {
        if (!ignoreUnknown && !lengths.containsKey(name) && !ignored.contains(name)) {
          violations.addCell(
              "",
              name,
              UNKNOWN,
              Violation.pointer(at, name),
              "Unknown column '"
                  + JsonObject.shorten(name)
                  + "'"
                  + NameAdvice.bySpelling(name, lengths.keySet())
                  + "; known here: "
                  + JsonObject.shorten(List.copyOf(lengths.keySet()))
                  + "; with ignore_unknown=true such members are left out");
        }
      }
    }
    return objects;
  }

  private Rows read(InputEncoding input, List<@Nullable JsonNode> objects, JsonNode instances) {
    int count = Math.multiplyExact(instances.size(), input.rows());
    Map<String, ColumnValues> columns = new LinkedHashMap<>();
    for (ColumnEncoding column : input.columns()) {
      columnRead = column.column();
      ColumnValues values = buffer(column, input.type() == ElementType.INT64, count);
      columns.put(column.column(), values);
      for (int i = 0; i < instances.size(); i++) {
        JsonNode object = objects.get(i);
        if (object != null) {
          String at = at(i);
          JsonNode given = instances.get(i);
          readCell(
              object.get(column.column()),
              input,
              column,
              values,
              i,
              row -> order.pointer(given, at, column.column(), row));
        }
      }
    }
    return new Rows(0, count, columns);
  }

  private static ColumnValues buffer(ColumnEncoding column, boolean whole, int count) {
    return switch (column) {
      case ColumnEncoding.Category _ -> new ColumnValues.Texts(new @Nullable String[count]);
      case ColumnEncoding.Numeric number -> {
        int width = number.values();
        int elements = Math.multiplyExact(count, width);
        yield whole || number.isTime()
            ? new ColumnValues.Integers(new long[elements], new boolean[count], width)
            : new ColumnValues.Numbers(new double[elements], new boolean[count], width);
      }
    };
  }

  /** A column of an instance: one value, or the rows of a window. */
  private void readCell(
      @Nullable JsonNode cell,
      InputEncoding input,
      ColumnEncoding column,
      ColumnValues values,
      int instance,
      IntFunction<String> at) {
    int length = Objects.requireNonNull(lengths.get(column.column()));
    if (length == 0) {
      readValue(cell, column, values, instance, at.apply(ColumnOrder.WHOLE));
      return;
    }
    if (cell == null || !cell.isArray() || cell.size() != length) {
      String got =
          cell != null && cell.isArray() ? "a list of " + cell.size() : JsonObject.describe(cell);
      expected(
          "A list of the last " + length + " values, oldest first,",
          got,
          at.apply(ColumnOrder.WHOLE));
      return;
    }
    // A shorter window of the same column reads the newest rows.
    int skipped = length - input.rows();
    for (int i = 0; i < input.rows(); i++) {
      readValue(
          cell.get(skipped + i),
          column,
          values,
          instance * input.rows() + i,
          at.apply(skipped + i));
    }
  }

  private void readValue(
      @Nullable JsonNode value, ColumnEncoding column, ColumnValues values, int row, String at) {
    if (value == null || value.isNull()) {
      if (isRequired(column)) {
        violations.addCell(
            reader,
            columnRead,
            MISSING,
            at,
            "'" + column.column() + "' has no value, and nothing is imputed");
      }
      switch (values) {
        case ColumnValues.Integers integers -> integers.missing()[row] = true;
        case ColumnValues.Numbers numbers -> numbers.missing()[row] = true;
        case ColumnValues.Texts texts -> texts.elements()[row] = null;
      }
      return;
    }
    if (value instanceof BinaryNode pixels && column.shape() != null) {
      putPixels(pixels.binaryValue(), values, row);
      return;
    }
    switch (values) {
      case ColumnValues.Texts texts -> texts.elements()[row] = text(value, column.type(), at);
      case ColumnValues.Integers integers when column.type() == ColumnType.TIMESTAMP ->
          integers.elements()[row] = micros(value, at);
      case ColumnValues.Integers integers -> {
        long[] elements = integers.elements();
        int[] next = {row * integers.width()};
        walk(
            value,
            column.shape(),
            0,
            at,
            (leaf, place) -> elements[next[0]++] = whole(leaf, place));
      }
      case ColumnValues.Numbers numbers -> {
        double[] elements = numbers.elements();
        int[] next = {row * numbers.width()};
        walk(
            value,
            column.shape(),
            0,
            at,
            (leaf, place) -> elements[next[0]++] = number(leaf, place));
      }
    }
  }

  /** The pixels of an image, one byte each: the caller decoded it to the column's shape. */
  private static void putPixels(byte[] pixels, ColumnValues values, int row) {
    for (int i = 0; i < pixels.length; i++) {
      switch (values) {
        case ColumnValues.Integers integers ->
            integers.elements()[row * integers.width() + i] = pixels[i] & 0xff;
        case ColumnValues.Numbers numbers ->
            numbers.elements()[row * numbers.width() + i] = pixels[i] & 0xff;
        case ColumnValues.Texts _ -> throw new IllegalArgumentException("pixels are not a text");
      }
    }
  }

  private static boolean isRequired(ColumnEncoding column) {
    return switch (column) {
      case ColumnEncoding.Numeric number -> number.refusesMissing();
      case ColumnEncoding.Category category -> category.refusesMissing();
    };
  }

  private @Nullable String text(JsonNode value, ColumnType type, String at) {
    boolean fits =
        switch (type) {
          case BOOLEAN -> value.isBoolean();
          case INTEGER, NUMBER -> value.isNumber();
          case STRING, TIMESTAMP, TENSOR -> value.isString();
        };
    if (!fits) {
      String expected =
          switch (type) {
            case BOOLEAN -> "true or false";
            case INTEGER, NUMBER -> "A number";
            case STRING, TIMESTAMP, TENSOR -> "A string";
          };
      expected(expected, JsonObject.describe(value), at);
      return null;
    }
    return TargetSpec.Label.text(value);
  }

  /** The microseconds since 1970 of a time, in the forms that a dataset may hold. */
  private long micros(JsonNode value, String at) {
    if (value.isString() && TimestampText.matches(value.stringValue())) {
      return TimestampText.micros(value.stringValue().getBytes(StandardCharsets.UTF_8));
    }
    expected("A time such as \"2026-01-31T12:00:00Z\"", JsonObject.describe(value), at);
    return 0;
  }

  private interface Leaf {
    void read(JsonNode leaf, String at);
  }

  private void walk(JsonNode node, @Nullable Shape shape, int axis, String at, Leaf leaf) {
    boolean bare = axis == 0 && Shape.of(1).equals(shape) && !node.isArray();
    if (shape == null || axis == shape.rank() || bare) {
      leaf.read(node, at);
      return;
    }
    int length = shape.axis(axis);
    if (!node.isArray() || node.size() != length) {
      String got = node.isArray() ? "a list of " + node.size() : JsonObject.describe(node);
      violations.addCell(
          reader,
          columnRead,
          "axis " + axis,
          at,
          "A list of " + length + " was expected in a tensor of " + shape + ", got " + got);
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
    expected("A number", JsonObject.describe(leaf), at);
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
    expected("A whole number", JsonObject.describe(leaf), at);
    return 0;
  }

  /** A fault of the cell that is read. */
  private void expected(String what, String got, String at) {
    violations.addCell(reader, columnRead, what, at, what + " was expected, got " + got);
  }
}
