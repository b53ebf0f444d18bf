package io.trainyard.predict.request;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.tensor.HostTensor;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells where floats of 16 or 32 bits are too narrow for the columns that they are sent for. A
 * column of integers needs each integer exactly. A column that is scaled around an offset, as epoch
 * milliseconds are, needs the digits that are left when the offset is subtracted.
 */
final class NarrowFloats {
  /** The largest error that rounding may make in the encoded number. */
  private static final double NEAR = 0.01;

  private NarrowFloats() {}

  /**
   * The first element that may have been rounded too far.
   *
   * @param columns the columns of the elements, in turn; one for a tensor of one column
   * @param rounded elements that do not show that they were rounded
   * @return what is wrong with it; null when there is none
   */
  static @Nullable String fault(
      List<ColumnEncoding> columns, HostTensor tensor, DataType type, BitSet rounded) {
    if (type != DataType.FP16 && type != DataType.FP32) {
      return null;
    }
    for (int place = 0; place < columns.size(); place++) {
      ColumnEncoding column = columns.get(place);
      if (!needsMore(column)) {
        continue;
      }
      for (long i = place; i < tensor.shape().elements(); i += columns.size()) {
        boolean hidden = rounded.get((int) i) && column.type() == ColumnType.INTEGER;
        if (hidden || isTooFar(column, tensor.doubleAt(i), type.exact())) {
          return told(column, i, tensor.doubleAt(i), type, hidden);
        }
      }
    }
    return null;
  }

  /** Whether rounding relative to the number itself may be too much. */
  private static boolean needsMore(ColumnEncoding column) {
    return column.type() == ColumnType.INTEGER
        || (column instanceof ColumnEncoding.Numeric number
            && number.known().scale().line().offset() != 0);
  }

  private static boolean isTooFar(ColumnEncoding column, double x, long exact) {
    if (column.type() == ColumnType.INTEGER) {
      return Math.abs(x) > exact;
    }
    var affine = ((ColumnEncoding.Numeric) column).known().scale().line();
    // A number up to 2^n in floats of n digits is at most half a step away from what was meant.
    double error = Math.abs(x) / exact / 2;
    return error > NEAR * Math.abs(affine.span()) * Math.max(1, Math.abs(affine.scale(x)));
  }

  private static String told(
      ColumnEncoding column, long element, double x, DataType type, boolean hidden) {
    return column.type() == ColumnType.INTEGER
        ? "Element %d %s %s, and %s holds the integers of '%s' up to %d only: send INT64 or FP64"
            .formatted(element, hidden ? "becomes" : "is", x, type, column.column(), type.exact())
        : "Element %d is %s, and %s rounds it too much for '%s', which is scaled around %s: send FP64"
            .formatted(
                element,
                x,
                type,
                column.column(),
                ((ColumnEncoding.Numeric) column).known().scale().line().offset());
  }
}
