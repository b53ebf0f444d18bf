package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first rows of a selection, as one number per value: a number itself, else a number in [0, 1)
 * that follows from the text or the tensor. NaN is a missing value.
 *
 * @param whole whether these are all rows
 */
@SuppressWarnings("ArrayRecordComponent")
record RowSample(int rows, boolean whole, Map<String, double[]> columns) {
  /** Bounds time and memory: a million rows cost no more than these. */
  static final int MAX_ROWS = 100_000;

  private static final int MAX_VALUES = 4_000_000;

  /** The golden ratio in 64 bits; Steele et al., Fast Splittable Pseudorandom Number Generators. */
  private static final long STEP = 0x9e3779b97f4a7c15L;

  RowSample {
    columns = new LinkedHashMap<>(columns);
  }

  /**
   * Reads rows until there are enough.
   *
   * @param selected the rows that the condition selects
   */
  static RowSample read(
      DatasetRows source,
      DatasetVersion version,
      @Nullable String where,
      long selected,
      Collection<Column> columns) {
    long width = 0;
    for (Column column : columns) {
      width += column.shape() == null ? 1 : column.shape().elements();
    }
    int count = (int) Math.min(selected, Math.clamp(MAX_VALUES / Math.max(1, width), 1, MAX_ROWS));
    Map<String, double[]> values = new LinkedHashMap<>();
    columns.forEach(column -> values.put(column.name(), new double[count]));
    source.first(
        version,
        where,
        List.copyOf(values.keySet()),
        count,
        chunk -> values.forEach((name, into) -> add(chunk, name, into)));
    return new RowSample(count, count == selected, values);
  }

  private static void add(Rows chunk, String name, double[] into) {
    ColumnValues column = chunk.column(name);
    int first = (int) Math.min(chunk.first(), into.length);
    int end = Math.min(chunk.count(), into.length - first);
    for (int row = 0; row < end; row++) {
      into[first + row] = column.isMissing(row) ? Double.NaN : value(column, row);
    }
  }

  private static double value(ColumnValues column, int row) {
    return switch (column) {
      case ColumnValues.Texts texts -> fraction(texts.text(row));
      case ColumnValues.Integers whole when whole.width() == 1 -> whole.elements()[row];
      case ColumnValues.Numbers numbers when numbers.width() == 1 -> numbers.elements()[row];
      case ColumnValues.Integers whole -> {
        long hash = 0;
        for (int i = 0; i < whole.width(); i++) {
          hash = mix(hash, whole.elements()[row * whole.width() + i]);
        }
        yield (hash >>> 11) * 0x1p-53;
      }
      case ColumnValues.Numbers numbers -> {
        long hash = 0;
        for (int i = 0; i < numbers.width(); i++) {
          hash = mix(hash, Double.doubleToLongBits(numbers.elements()[row * numbers.width() + i]));
        }
        yield (hash >>> 11) * 0x1p-53;
      }
    };
  }

  private static double fraction(String text) {
    long hash = STEP;
    for (int i = 0; i < text.length(); i++) {
      hash = mix(hash, text.charAt(i));
    }
    return (hash >>> 11) * 0x1p-53;
  }

  private static long mix(long hash, long value) {
    long mixed = (hash ^ value) * STEP;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  /** What a warning says of a large dataset. */
  String ofFirst() {
    return whole ? "" : String.format(Locale.ROOT, " (of the first %d)", rows);
  }

  /** A column that was read. */
  double[] column(String name) {
    double[] values = columns.get(name);
    if (values == null) {
      throw new IllegalArgumentException("column '" + name + "' was not read");
    }
    return values;
  }

  /** A number for each row that is equal where the values of these columns are. */
  long[] keys(Collection<String> names) {
    long[] keys = new long[rows];
    for (String name : names) {
      double[] values = column(name);
      for (int row = 0; row < rows; row++) {
        keys[row] = mix(keys[row], Double.doubleToLongBits(values[row] + 0.0));
      }
    }
    return keys;
  }
}
