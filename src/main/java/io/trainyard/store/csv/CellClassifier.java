package io.trainyard.store.csv;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What cells read as in one file, with its delimiter and what it writes for a missing value. */
final class CellClassifier {
  private final byte delimiter;
  private final byte[][] nullTexts;
  private final boolean takesNumbers;

  CellClassifier(byte delimiter, List<String> nullValues) {
    this.delimiter = delimiter;
    this.nullTexts =
        nullValues.stream()
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    this.takesNumbers =
        "+-.eE0123456789".indexOf(delimiter) < 0
            && nullValues.stream()
                .map(text -> CsvCell.of(text).kind())
                .noneMatch(CellClassifier::isNumber);
  }

  private static boolean isNumber(CsvCell.Kind kind) {
    return kind == CsvCell.Kind.INTEGER || kind == CsvCell.Kind.NUMBER;
  }

  byte delimiter() {
    return delimiter;
  }

  CsvCell.Kind of(CsvCell cell) {
    return nullTexts.length > 0 && cell.isAny(nullTexts) ? CsvCell.Kind.EMPTY : cell.kind();
  }

  /** Whether what reads as a number is one: no number means a missing value or ends a cell. */
  boolean takesNumbers() {
    return takesNumbers;
  }

  boolean endsCell(byte next) {
    return next == delimiter || next == '\n' || next == '\r';
  }
}
