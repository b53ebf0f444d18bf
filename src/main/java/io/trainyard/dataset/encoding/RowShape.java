package io.trainyard.dataset.encoding;

import io.trainyard.error.Violations;
import io.trainyard.spec.RowWindow;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Computes the shape of a row, or of a window of rows, from its encoded columns. */
final class RowShape {
  private final String at;
  private final Violations violations;

  /**
   * @param at the place of the input or target in the body
   */
  RowShape(String at, Violations violations) {
    this.at = at;
    this.violations = violations;
  }

  /**
   * The requested shape, or else the columns' own.
   *
   * @param layout where the column has its channels, if the caller said it
   * @return null with a violation when the elements do not fit, or would be in the wrong order
   */
  @Nullable Shape of(
      @Nullable Shape asked,
      @Nullable DataFormat layout,
      List<ColumnEncoding> encodings,
      @Nullable RowWindow window) {
    int rows = window == null ? 1 : window.length();
    long width = encodings.stream().mapToLong(ColumnEncoding::width).sum() * rows;
    if (width > Integer.MAX_VALUE / 8) {
      violations.add(at, "A row of " + width + " elements is too wide");
      return null;
    }
    Shape tensor = encodings.size() == 1 ? encodings.getFirst().shape() : null;
    Shape row = tensor == null ? Shape.of((int) width / rows) : tensor;
    Shape own = window == null ? row : row.batched(rows);
    if (asked == null) {
      return own;
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
    if (layout != null && tensor == null) {
      violations.add(at + "/layout", "'layout' is for one column of tensors");
      return null;
    }
    String fault = layout == null ? scrambled(own, asked) : misfit(layout, own, asked);
    if (fault != null) {
      violations.add(at + "/shape", fault);
      return null;
    }
    return asked;
  }

  /** Whether the channels of a column must be moved for the shape that the caller wants. */
  static boolean isMoved(DataFormat layout, Shape own, Shape asked) {
    return own.rank() == 1 || withoutOnes(own).equals(withoutOnes(source(layout, asked)));
  }

  /** The shape of the column's rows, whose channels are moved to get this shape. */
  static Shape source(DataFormat layout, Shape shape) {
    DataFormat other = other(layout);
    return layout.row(other.channels(shape), other.spatial(shape));
  }

  /** How the channels move from a layout to this shape, which has them at the other end. */
  static Transpose move(DataFormat layout, Shape shape) {
    int channels = other(layout).channels(shape);
    int positions = Math.toIntExact(shape.elements() / channels);
    return switch (layout) {
      case CHANNELS_FIRST -> new Transpose(channels, positions);
      case CHANNELS_LAST -> new Transpose(positions, channels);
    };
  }

  private static DataFormat other(DataFormat layout) {
    return layout == DataFormat.CHANNELS_FIRST
        ? DataFormat.CHANNELS_LAST
        : DataFormat.CHANNELS_FIRST;
  }

  private static List<Integer> withoutOnes(Shape shape) {
    return shape.dims().stream().filter(length -> length != 1).toList();
  }

  private static @Nullable String misfit(DataFormat layout, Shape own, Shape asked) {
    if (isMoved(layout, own, asked) || withoutOnes(own).equals(withoutOnes(asked))) {
      return null;
    }
    return "With layout %s the shape %s is made from rows of %s, the column has rows of %s"
        .formatted(name(layout), asked, source(layout, asked), own);
  }

  /**
   * Why a reshape would put elements in the wrong places; null when it only splits axes or joins
   * neighbours.
   */
  private static @Nullable String scrambled(Shape own, Shape asked) {
    if (splitsOrJoins(own, asked)) {
      return null;
    }
    for (DataFormat layout : DataFormat.values()) {
      if (withoutOnes(own).equals(withoutOnes(source(layout, asked)))) {
        return "Rows of %s would not become %s in the right order; add \"layout\": \"%s\" to move the channels"
            .formatted(own, asked, name(layout));
      }
    }
    return "Rows of %s would not become %s in the right order: a shape splits axes or joins neighbours; a 'permute' or 'reshape' layer can do more"
        .formatted(own, asked);
  }

  private static String name(DataFormat layout) {
    return layout.name().toLowerCase(Locale.ROOT);
  }

  /** Between two places where both shapes have a boundary, at most one of them has more. */
  private static boolean splitsOrJoins(Shape own, Shape asked) {
    TreeSet<Long> ours = new TreeSet<>(boundaries(own));
    TreeSet<Long> theirs = new TreeSet<>(boundaries(asked));
    TreeSet<Long> common = new TreeSet<>(ours);
    common.retainAll(theirs);
    long from = 1;
    for (long to : common) {
      if (!ours.subSet(from, false, to, false).isEmpty()
          && !theirs.subSet(from, false, to, false).isEmpty()) {
        return false;
      }
      from = to;
    }
    return true;
  }

  /** The elements of the last axis, of the last two, and so on. */
  private static List<Long> boundaries(Shape shape) {
    List<Long> boundaries = new ArrayList<>();
    long elements = 1;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      elements *= shape.axis(axis);
      boundaries.add(elements);
    }
    return boundaries;
  }
}
