package io.trainyard.predict.request;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violations;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes an array of numbers for a model with one input: its columns in order and unscaled, or one
 * column of tensors; with a window, its rows, oldest first. Categories that are integers are taken
 * by value, others by index. NaN is a missing value. Gives the same bits as {@link
 * Encoding#encode}.
 */
final class ArrayInput {
  private final String name;
  private final InputEncoding input;

  /** The numbers of one dataset row in the array. */
  private final int rowWidth;

  private ArrayInput(String name, InputEncoding input) {
    this.name = name;
    this.input = input;
    this.rowWidth = Math.toIntExact(instance().elements() / input.rows());
  }

  /** Null when an array cannot hold the instances of a model. */
  static @Nullable ArrayInput of(Encoding encoding) {
    if (encoding.inputs().size() != 1) {
      return null;
    }
    var only = encoding.inputs().entrySet().iterator().next();
    InputEncoding input = only.getValue();
    boolean several = input.columns().size() > 1;
    for (ColumnEncoding column : input.columns()) {
      boolean text =
          column instanceof ColumnEncoding.Category category
              && category.form() != ColumnEncoding.Form.INDEX
              && !isNumber(category);
      boolean time = column instanceof ColumnEncoding.Numeric number && number.isTime();
      if (text || time || (several && column.shape() != null)) {
        return null;
      }
    }
    return new ArrayInput(only.getKey(), input);
  }

  /** The shape of one instance in the array. */
  Shape instance() {
    Shape tensor = input.columns().getFirst().shape();
    Shape row = tensor == null ? Shape.of(input.columns().size()) : tensor;
    return input.window() == null ? row : row.batched(input.rows());
  }

  /** Whether instances may have this shape: a window of one column needs no axis for columns. */
  boolean takes(Shape given) {
    Shape own = instance();
    boolean single = input.window() != null && own.rank() == 2 && own.last() == 1;
    return given.equals(own) || (single && given.equals(Shape.of(own.axis(0))));
  }

  /**
   * Encodes instances.
   *
   * @param array [instances, ...]
   * @param first the place of the first instance in the request
   * @return null where they have faults
   */
  @Nullable Map<String, HostTensor> encode(HostTensor array, int first, Violations violations) {
    int count = Math.multiplyExact(array.shape().axis(0), input.rows());
    long before = violations.count();
    InputEncoding.Faults faults =
        (row, column, detail) -> {
          String place = "Instance " + (first + row / input.rows());
          String fault = detail.split(", got ", 2)[0];
          violations.addCell(name, column, fault, "", place, place + ": " + detail);
        };
    Map<String, ColumnValues> columns = new LinkedHashMap<>();
    int at = 0;
    for (ColumnEncoding column : input.columns()) {
      columns.put(column.column(), values(column, array, at, count, faults));
      at++;
    }
    if (violations.count() > before) {
      return null;
    }
    HostTensor tensor = input.encode(new Rows(0, count, columns), faults);
    return violations.count() > before ? null : Map.of(name, tensor);
  }

  /** What is wrong with an array that was sent in a narrow type; null when nothing is. */
  @Nullable String fault(HostTensor array, DataType type, BitSet rounded) {
    return NarrowFloats.fault(input.columns(), array, type, rounded);
  }

  private ColumnValues values(
      ColumnEncoding column, HostTensor array, int at, int count, InputEncoding.Faults faults) {
    return switch (column) {
      case ColumnEncoding.Category category ->
          isNumber(category)
              ? numbers(array, at, count)
              : labels(category, array, at, count, faults);
      case ColumnEncoding.Numeric number -> numbers(number, array, at, count, faults);
    };
  }

  private static boolean isNumber(ColumnEncoding.Category category) {
    return category.type() == ColumnType.INTEGER || category.type() == ColumnType.NUMBER;
  }

  /** Whole numbers that are categories: the encoding knows the values seen. */
  private ColumnValues numbers(HostTensor array, int at, int count) {
    boolean[] missing = new boolean[count];
    if (array.type() == ElementType.INT64) {
      long[] wholes = new long[count];
      for (int row = 0; row < count; row++) {
        wholes[row] = array.longAt((long) row * rowWidth + at);
      }
      return new ColumnValues.Integers(wholes, missing, 1);
    }
    double[] numbers = new double[count];
    for (int row = 0; row < count; row++) {
      numbers[row] = array.doubleAt((long) row * rowWidth + at);
      missing[row] = Double.isNaN(numbers[row]);
    }
    return new ColumnValues.Numbers(numbers, missing, 1);
  }

  private ColumnValues labels(
      ColumnEncoding.Category category,
      HostTensor array,
      int at,
      int count,
      InputEncoding.Faults faults) {
    int size = category.indices();
    List<String> names = category.names();
    int missing = category.missing() ? size - 1 : -1;
    @Nullable String[] labels = new @Nullable String[count];
    for (int row = 0; row < count; row++) {
      double index = array.doubleAt((long) row * rowWidth + at);
      if (Double.isNaN(index) || index == missing) {
        continue; // a missing value
      }
      if (index >= 0 && index < size && index == Math.rint(index)) {
        labels[row] = names.get((int) index);
      } else {
        faults.add(
            row,
            category.column(),
            "'%s' takes the indices 0 to %d, got %s"
                .formatted(category.column(), size - 1, ColumnValues.label(index)));
      }
    }
    return new ColumnValues.Texts(labels);
  }

  private ColumnValues numbers(
      ColumnEncoding.Numeric number,
      HostTensor array,
      int at,
      int count,
      InputEncoding.Faults faults) {
    int width = number.values();
    boolean whole = input.type() == ElementType.INT64;
    int elements = Math.multiplyExact(count, width);
    double[] numbers = whole ? new double[0] : new double[elements];
    long[] wholes = whole ? new long[elements] : new long[0];
    boolean[] missing = new boolean[count];
    for (int i = 0; i < elements; i++) {
      int row = i / width;
      long place = (long) row * rowWidth + at + i % width;
      double element = array.doubleAt(place);
      if (Double.isNaN(element) && width == 1) {
        missing[row] = true;
      } else if (!Double.isFinite(element)) {
        faults.add(row, number.column(), "'" + number.column() + "' is " + element);
      } else if (!whole) {
        numbers[i] = element;
      } else if (element != Math.rint(element)) {
        faults.add(
            row, number.column(), "'" + number.column() + "' takes whole numbers, got " + element);
      } else {
        wholes[i] = array.type() == ElementType.INT64 ? array.longAt(place) : (long) element;
      }
    }
    return whole
        ? new ColumnValues.Integers(wholes, missing, width)
        : new ColumnValues.Numbers(numbers, missing, width);
  }
}
