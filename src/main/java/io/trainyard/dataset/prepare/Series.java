package io.trainyard.dataset.prepare;

import io.trainyard.dataset.SplitSpec;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one or more series in their order, and the windows in them. Each series is parted by
 * itself: its first rows are for training, its last for the test. A window lies within one series
 * and one part, and so does what it is trained towards.
 */
final class Series {
  private final int[] places;
  private final byte[] parts;
  private final int[][] ends;

  private Series(int[] places, byte[] parts, int[][] ends) {
    this.places = places;
    this.parts = parts;
    this.ends = ends;
  }

  /**
   * Orders and cuts rows.
   *
   * @param groups the series of each row, from 0; null for one series
   * @param keys what orders the rows of a series; null for the file's order
   */
  static Series of(
      int rows,
      Windowing windowing,
      SplitSpec split,
      int @Nullable [] groups,
      long @Nullable [] keys) {
    int[] order = order(rows, groups, keys);
    int[] places = new int[rows];
    for (int place = 0; place < rows; place++) {
      places[order[place]] = place;
    }
    byte[] parts = new byte[rows];
    int[][] ends = {new int[rows], new int[rows], new int[rows]};
    int[] counts = new int[3];
    int from = 0;
    while (from < rows) {
      int to = from + 1;
      while (to < rows && (groups == null || groups[order[to]] == groups[order[from]])) {
        to++;
      }
      Split.Sizes sizes = Split.sizes(to - from, split);
      int[] bounds = {
        from, from + sizes.training(), from + sizes.training() + sizes.validation(), to
      };
      for (byte part = 0; part < 3; part++) {
        int begin = bounds[part];
        int end = bounds[part + 1];
        for (int place = begin; place < end; place++) {
          parts[order[place]] = part;
        }
        int windows = windowing.count(end - begin);
        for (int i = 0; i < windows; i++) {
          ends[part][counts[part]++] =
              begin + windowing.longest().length() - 1 + i * windowing.longest().stride();
        }
      }
      from = to;
    }
    for (int part = 0; part < 3; part++) {
      ends[part] = Arrays.copyOf(ends[part], counts[part]);
    }
    return new Series(places, parts, ends);
  }

  private static int[] order(int rows, int @Nullable [] groups, long @Nullable [] keys) {
    int[] order = new int[rows];
    for (int row = 0; row < rows; row++) {
      order[row] = row;
    }
    if (isSorted(rows, groups, keys)) {
      return order;
    }
    Integer[] boxed = new Integer[rows];
    Arrays.setAll(boxed, row -> row);
    Comparator<Integer> byGroup = Comparator.comparingInt(row -> groups == null ? 0 : groups[row]);
    Comparator<Integer> byKey = Comparator.comparingLong(row -> keys == null ? 0 : keys[row]);
    Arrays.sort(boxed, byGroup.thenComparing(byKey));
    Arrays.setAll(order, place -> boxed[place]);
    return order;
  }

  private static boolean isSorted(int rows, int @Nullable [] groups, long @Nullable [] keys) {
    for (int row = 1; row < rows; row++) {
      int group = groups == null ? 0 : Integer.compare(groups[row - 1], groups[row]);
      if (group > 0 || (group == 0 && keys != null && keys[row - 1] > keys[row])) {
        return false;
      }
    }
    return true;
  }

  /** A number as a key that sorts as it does. */
  static long key(double number) {
    long bits = Double.doubleToLongBits(number + 0.0);
    return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
  }

  /** Where a row, counted in file order, stands in the order of the series. */
  int place(int row) {
    return places[row];
  }

  /** The part of every row, in file order. */
  byte[] parts() {
    return parts;
  }

  /** The places of the last rows of a part's windows. */
  int[] ends(int part) {
    return ends[part];
  }
}
