package io.trainyard.dataset.prepare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Some rows that are looked for, and where each was asked for. */
final class RowIndex {
  private final Map<Integer, List<Integer>> positions = new HashMap<>();

  RowIndex(int[] rows) {
    for (int i = 0; i < rows.length; i++) {
      positions.computeIfAbsent(rows[i], _ -> new ArrayList<>()).add(i);
    }
  }

  /** Whether all rows were found. */
  boolean isEmpty() {
    return positions.isEmpty();
  }

  /** Puts a row's number wherever the row was asked for. */
  void found(int row, int number, int[] numbers) {
    List<Integer> asked = positions.remove(row);
    if (asked != null) {
      asked.forEach(position -> numbers[position] = number);
    }
  }
}
