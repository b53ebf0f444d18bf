package io.trainyard.dataset.prepare;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** Where the rows of a subset, or the last rows of its windows, are among the selected rows. */
@FunctionalInterface
public interface RowNumbers {
  /** Of a subset that is all rows in file order. */
  RowNumbers ALL = rows -> Arrays.stream(rows).map(row -> row + 1).toArray();

  /** The numbers of some rows of the subset, from 1. */
  int[] of(int[] rows);

  /** Of some rows of the subset. */
  default RowNumbers at(int[] some) {
    return rows -> of(Arrays.stream(rows).map(row -> some[row]).toArray());
  }

  /**
   * Of a subset whose rows are in file order.
   *
   * @param subsets the subset of every row
   */
  static RowNumbers inFileOrder(byte[] subsets, byte subset) {
    return rows -> {
      int[] next = {0};
      return find(rows, subsets.length, row -> subsets[row] == subset ? next[0]++ : -1);
    };
  }

  static RowNumbers ofWindows(Series series, byte subset) {
    int[] ends = series.ends(subset);
    return rows ->
        find(
            Arrays.stream(rows).map(row -> ends[row]).toArray(),
            series.subsets().length,
            series::place);
  }

  /** The memory that the numbers of this many rows need. */
  static long bytes(long rows, boolean windows) {
    return windows ? rows * (2 * Integer.BYTES + 1) : rows;
  }

  /**
   * The rows at some places, from 1. Reads all rows once.
   *
   * @param placeOf the place of a row; −1 for none
   */
  private static int[] find(int[] places, int rows, IntUnaryOperator placeOf) {
    int[] wanted = distinct(places);
    int[] numbers = new int[wanted.length];
    int found = 0;
    for (int row = 0; row < rows && found < wanted.length; row++) {
      int at = Arrays.binarySearch(wanted, placeOf.applyAsInt(row));
      if (at >= 0) {
        numbers[at] = row + 1;
        found++;
      }
    }
    return Arrays.stream(places)
        .map(place -> numbers[Arrays.binarySearch(wanted, place)])
        .toArray();
  }

  /** In rising order. */
  private static int[] distinct(int[] places) {
    int[] sorted = places.clone();
    Arrays.sort(sorted);
    int count = 0;
    for (int place : sorted) {
      if (count == 0 || sorted[count - 1] != place) {
        sorted[count++] = place;
      }
    }
    return Arrays.copyOf(sorted, count);
  }
}
