package io.trainyard.dataset.prepare;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the rows of a subset, or the last rows of its windows, are among the selected rows. */
public final class RowNumbers {
  private final byte @Nullable [] subsets;
  private final @Nullable Series series;
  private final byte subset;

  /** The places of the rows in the subset; null: all of them. */
  private final int @Nullable [] places;

  private RowNumbers(byte @Nullable [] subsets, @Nullable Series series, byte subset) {
    this(subsets, series, subset, null);
  }

  private RowNumbers(
      byte @Nullable [] subsets, @Nullable Series series, byte subset, int @Nullable [] places) {
    this.subsets = subsets;
    this.series = series;
    this.subset = subset;
    this.places = places;
  }

  /** Of some rows of the subset. */
  RowNumbers at(int[] some) {
    return new RowNumbers(subsets, series, subset, inSubset(some));
  }

  private int[] inSubset(int[] rows) {
    int[] own = places;
    return own == null ? rows.clone() : Arrays.stream(rows).map(row -> own[row]).toArray();
  }

  /** Of a subset that is all rows in file order. */
  static RowNumbers ofAll() {
    return new RowNumbers(null, null, (byte) 0);
  }

  /**
   * Of a subset whose rows are in file order.
   *
   * @param subsets the subset of every row
   */
  static RowNumbers inFileOrder(byte[] subsets, byte subset) {
    return new RowNumbers(subsets, null, subset);
  }

  static RowNumbers ofWindows(Series series, byte subset) {
    return new RowNumbers(null, series, subset);
  }

  /** The memory that the numbers of this many rows need. */
  static long bytes(long rows, boolean windows) {
    return windows ? rows * (2 * Integer.BYTES + 1) : rows;
  }

  /** The numbers of some rows of the subset, from 1. Reads all rows once. */
  int[] of(int[] some) {
    int[] rows = inSubset(some);
    if (series != null) {
      return ofPlaces(rows, series);
    }
    return subsets == null ? fromOne(rows) : inFileOrder(rows, subsets);
  }

  private static int[] fromOne(int[] rows) {
    int[] numbers = rows.clone();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i]++;
    }
    return numbers;
  }

  private int[] inFileOrder(int[] rows, byte[] all) {
    RowIndex wanted = new RowIndex(rows);
    int[] numbers = new int[rows.length];
    int inSubset = 0;
    for (int row = 0; row < all.length && !wanted.isEmpty(); row++) {
      if (all[row] == subset) {
        wanted.found(inSubset++, row + 1, numbers);
      }
    }
    return numbers;
  }

  private int[] ofPlaces(int[] rows, Series windows) {
    int[] ends = windows.ends(subset);
    RowIndex wanted = new RowIndex(Arrays.stream(rows).map(row -> ends[row]).toArray());
    int[] numbers = new int[rows.length];
    for (int row = 0; row < windows.subsets().length && !wanted.isEmpty(); row++) {
      wanted.found(windows.place(row), row + 1, numbers);
    }
    return numbers;
  }
}
