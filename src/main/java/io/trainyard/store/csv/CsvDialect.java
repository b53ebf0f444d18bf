package io.trainyard.store.csv;

import java.util.ArrayList;
import java.util.List;

/** Detects the delimiter of a CSV file. */
final class CsvDialect {
  private static final byte[] CANDIDATES = {',', ';', '\t', '|'};
  private static final int RECORDS = 50;

  private CsvDialect() {}

  /**
   * The candidate that splits the first records into the most cells. Candidates that give every
   * record the same number of cells come first; a comma is the default.
   */
  static byte delimiter(byte[] first, int count) {
    byte best = ',';
    int bestCells = 1;
    boolean bestEven = false;
    for (byte candidate : CANDIDATES) {
      List<Integer> cells = cells(first, count, candidate);
      if (cells.isEmpty() || cells.getFirst() == 1) {
        continue;
      }
      boolean even = cells.stream().distinct().count() == 1;
      if ((even && !bestEven) || (even == bestEven && cells.getFirst() > bestCells)) {
        best = candidate;
        bestCells = cells.getFirst();
        bestEven = even;
      }
    }
    return best;
  }

  private static List<Integer> cells(byte[] first, int count, byte delimiter) {
    List<Integer> cells = new ArrayList<>();
    CsvVisitor counter =
        new CsvVisitor() {
          @Override
          public void cell(int column, CsvCell cell) {}

          @Override
          public boolean record(CsvRecord record) {
            cells.add(record.cells());
            return cells.size() < RECORDS;
          }
        };
    CsvReader reader = new CsvReader(delimiter, counter);
    reader.accept(first, count);
    if (cells.isEmpty()) {
      reader.finish();
    }
    return cells;
  }
}
