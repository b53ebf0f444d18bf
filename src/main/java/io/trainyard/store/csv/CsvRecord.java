package io.trainyard.store.csv;

import org.jspecify.annotations.Nullable;

/**
 * One record of a CSV file.
 *
 * @param line its first line, counted from 1
 * @param cells the number of its cells
 * @param fault what is wrong with its bytes, or null
 */
record CsvRecord(long line, int cells, @Nullable String fault) {
  /** What keeps the record from being a row of this many cells, or null. */
  @Nullable String faultFor(int expectedCells) {
    if (fault != null) {
      return fault;
    }
    return cells == expectedCells ? null : "Expected " + expectedCells + " values, got " + cells;
  }
}
