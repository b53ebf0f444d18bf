package io.trainyard.dataset.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    Map<Integer, List<Integer>> wanted = new HashMap<>();
    for (int i = 0; i < places.length; i++) {
      wanted.computeIfAbsent(places[i], _ -> new ArrayList<>()).add(i);
    }
    int[] numbers = new int[places.length];
    for (int row = 0; row < rows && !wanted.isEmpty(); row++) {
      List<Integer> asked = wanted.remove(placeOf.applyAsInt(row));
      if (asked != null) {
        int number = row + 1;
        asked.forEach(i -> numbers[i] = number);
      }
    }
    return numbers;
  }
}
