package io.trainyard.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds out what separates the cells of a file. */
final class CsvDialect {
  private static final byte[] CANDIDATES = {',', ';', '\t', '|'};
  private static final int RECORDS = 50;

  private CsvDialect() {}

  /**
   * The candidate that cuts the first records into the most cells, all into as many; a comma when
   * none cuts evenly.
   */
  static byte delimiter(Path file) throws IOException {
    byte best = ',';
    int bestCells = 1;
    boolean bestEven = false;
    for (byte candidate : CANDIDATES) {
      List<Integer> cells = cells(file, candidate);
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

  private static List<Integer> cells(Path file, byte delimiter) throws IOException {
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
    new CsvReader(delimiter, counter).read(file);
    return cells;
  }
}
