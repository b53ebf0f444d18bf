package io.trainyard.store.csv;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Classifies the cells of one file, given its delimiter and its texts for missing values. */
final class CellClassifier {
  private final byte delimiter;
  private final byte[][] nullTexts;
  private final boolean allowsNumbers;

  CellClassifier(byte delimiter, List<String> nullValues) {
    this.delimiter = delimiter;
    this.nullTexts =
        nullValues.stream()
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    this.allowsNumbers =
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

  /** Whether every number is a value: none means a missing value or contains the delimiter. */
  boolean allowsNumbers() {
    return allowsNumbers;
  }

  boolean endsCell(byte next) {
    return next == delimiter || next == '\n' || next == '\r';
  }
}
