package io.trainyard.store.csv;

import java.util.ArrayList;
import java.util.List;

/** Finds out what separates the cells of a file. */
final class CsvDialect {
  private static final byte[] CANDIDATES = {',', ';', '\t', '|'};
  private static final int RECORDS = 50;

  private CsvDialect() {}

  /**
   * The candidate that, in the file's first bytes, cuts the first records into the most cells, all
   * into as many; a comma when none cuts evenly.
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
    CsvReader.Visitor counter =
        new CsvReader.Visitor() {
          @Override
          public void cell(int column, CsvCell cell, long line) {}

          @Override
          public boolean record(CsvReader.Cut record) {
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
