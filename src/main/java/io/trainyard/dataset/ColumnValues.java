package io.trainyard.dataset;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values of one column in a chunk of rows. The records are views of buffers: do not compare
 * them.
 */
@SuppressWarnings("ArrayRecordComponent")
public sealed interface ColumnValues {
  boolean isMissing(int row);

  /** 1, or the number of elements of a tensor. */
  int width();

  /** The value of a row as the text of a category or class; the row must have one. */
  default String label(int row) {
    return switch (this) {
      case Texts texts -> texts.text(row);
      case Integers integers -> Long.toString(integers.elements()[row]);
      case Numbers numbers -> label(numbers.elements()[row]);
    };
  }

  /** A number as the text of a category or class; a whole number without a fraction. */
  static String label(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  /**
   * Whole numbers; a timestamp counts microseconds since 1970 in UTC.
   *
   * @param elements row-major, {@code width} for each row
   * @param missing by row
   */
  record Integers(long[] elements, boolean[] missing, int width) implements ColumnValues {
    @Override
    public boolean isMissing(int row) {
      return missing[row];
    }
  }

  /** Numbers, laid out as {@link Integers}. */
  record Numbers(double[] elements, boolean[] missing, int width) implements ColumnValues {
    @Override
    public boolean isMissing(int row) {
      return missing[row];
    }
  }

  /** Strings, or booleans as "true" and "false"; a missing one is null. */
  record Texts(@Nullable String[] elements) implements ColumnValues {
    @Override
    public boolean isMissing(int row) {
      return elements[row] == null;
    }

    @Override
    public int width() {
      return 1;
    }

    /** The row must have a text. */
    public String text(int row) {
      return Objects.requireNonNull(elements[row]);
    }
  }
}
