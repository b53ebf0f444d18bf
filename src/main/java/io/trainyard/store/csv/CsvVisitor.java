package io.trainyard.store.csv;

/** Receives every cell of a CSV file, and each record after its cells. */
interface CsvVisitor {
  /**
   * Reads a cell that is just a number straight from the bytes, which is faster.
   *
   * @return the index behind the number, where a delimiter or the end of a line must follow; −1 to
   *     receive the cell by {@link #cell}
   */
  default int number(int column, byte[] buffer, int from, int to) {
    return -1;
  }

  void cell(int column, CsvCell cell);

  /** Says whether to continue. */
  boolean record(CsvRecord record);
}
