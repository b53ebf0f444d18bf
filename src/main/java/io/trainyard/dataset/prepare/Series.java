package io.trainyard.dataset.prepare;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one or more series in order, and their windows. Each series is split by itself: its
 * first rows are for training, its last for the test. A window and its target lie within one series
 * and one subset.
 */
final class Series {
  private final int[] places;
  private final byte[] subsets;
  private final int[][] ends;

  private Series(int[] places, byte[] subsets, int[][] ends) {
    this.places = places;
    this.subsets = subsets;
    this.ends = ends;
  }

  /**
   * Orders rows and cuts windows.
   *
   * @param groups the series of each row, from 0; null for one series
   * @param keys the sort key of each row; null for file order
   * @param given the subset of each row; null where each series is split by itself
   */
  static Series of(
      int rows,
      Windowing windowing,
      SplitSpec split,
      int @Nullable [] groups,
      long @Nullable [] keys,
      byte @Nullable [] given) {
    int[] order = order(rows, groups, keys);
    int[] places = new int[rows];
    for (int place = 0; place < rows; place++) {
      places[order[place]] = place;
    }
    byte[] subsets = given == null ? subsets(order, split, groups) : given;
    int[][] ends = {new int[rows], new int[rows], new int[rows]};
    int[] counts = new int[3];
    for (int from = 0, to; from < rows; from = to) {
      byte subset = subsets[order[from]];
      to = from + 1;
      while (to < rows && isSame(groups, order, from, to) && subsets[order[to]] == subset) {
        to++;
      }
      if (subset != Split.UNUSED) {
        cut(from, to, windowing, ends[subset], counts, subset);
      }
    }
    for (int subset = 0; subset < 3; subset++) {
      ends[subset] = Arrays.copyOf(ends[subset], counts[subset]);
    }
    return new Series(places, subsets, ends);
  }

  private static boolean isSame(int @Nullable [] groups, int[] order, int one, int other) {
    return groups == null || groups[order[one]] == groups[order[other]];
  }

  /** The subset of every row, in file order, where each series is split by itself. */
  private static byte[] subsets(int[] order, SplitSpec split, int @Nullable [] groups) {
    byte[] subsets = new byte[order.length];
    int[] folds = folds(split, groups);
    for (int from = 0, to; from < order.length; from = to) {
      to = from + 1;
      while (to < order.length && isSame(groups, order, from, to)) {
        to++;
      }
      int fold = folds == null || groups == null ? 0 : folds[groups[order[from]]];
      Split.Parts parts = Split.parts(to - from, split, fold);
      for (int place = from; place < to; place++) {
        subsets[order[place]] = parts.subset(place - from);
      }
    }
    return subsets;
  }

  /** Adds the windows of rows that follow each other. */
  private static void cut(
      int begin, int end, Windowing windowing, int[] ends, int[] counts, byte subset) {
    int windows = windowing.count(end - begin);
    for (int i = 0; i < windows; i++) {
      ends[counts[subset]++] =
          begin + windowing.longest().length() - 1 + i * windowing.longest().stride();
    }
  }

  /** The fold of each group; null when the split has no folds, or the rows are one series. */
  static int @Nullable [] folds(SplitSpec split, int @Nullable [] groups) {
    FoldSpec fold = split.fold();
    return fold == null || groups == null ? null : fold.ofGroups(Strata.sizes(groups));
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

  /** A long that sorts as the number does; −0 equals 0. */
  static long key(double number) {
    long bits = Double.doubleToLongBits(number + 0.0);
    return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
  }

  /** The place, in the order of the series, of a row counted in file order. */
  int place(int row) {
    return places[row];
  }

  /** The subset of every row, in file order. */
  byte[] subsets() {
    return subsets;
  }

  /** The places of the last rows of a subset's windows. */
  int[] ends(int subset) {
    return ends[subset];
  }
}
