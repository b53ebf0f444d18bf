package io.trainyard.dataset.encoding;

import io.trainyard.error.Violations;
import io.trainyard.spec.RowWindow;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes the shape of a row, or of a window of rows, from its encoded columns. */
final class RowShape {
  private RowShape() {}

  /**
   * The requested shape, or else the columns' own.
   *
   * @return null with a violation when the elements do not fit
   */
  static @Nullable Shape of(
      @Nullable Shape asked,
      List<ColumnEncoding> encodings,
      @Nullable RowWindow window,
      String at,
      Violations violations) {
    int rows = window == null ? 1 : window.length();
    long width = encodings.stream().mapToLong(ColumnEncoding::width).sum() * rows;
    if (width > Integer.MAX_VALUE / 8) {
      violations.add(at, "A row of " + width + " elements is too wide");
      return null;
    }
    if (asked == null) {
      Shape own = encodings.size() == 1 ? encodings.getFirst().shape() : null;
      own = own == null ? Shape.of((int) width / rows) : own;
      return window == null ? own : own.batched(rows);
    }
    if (asked.elements() != width) {
      violations.add(
          at + "/shape",
          "The shape "
              + asked
              + " holds "
              + asked.elements()
              + " elements, the columns give "
              + width);
      return null;
    }
    return asked;
  }
}
