package io.trainyard.store.csv;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.json.DecimalNumber;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.table.ColumnNames;
import io.trainyard.store.table.Rejects;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The first pass over a CSV file. It finds the names of the columns, the kinds of their cells and
 * the faulty records. It also writes the rows, as long as every cell has the expected type.
 */
final class CsvScan implements CsvVisitor {
  private final IngestOptions options;
  private final CellClassifier kinds;
  private final Rejects rejects;
  private final List<CsvColumn> columns = new ArrayList<>();
  private final List<FirstCell> first = new ArrayList<>();
  private final DecimalNumber number = new DecimalNumber();
  private CsvColumn[] columnsByIndex = {};
  private @Nullable CsvRowWriter table;
  private boolean started;
  private boolean hasHeader;
  private boolean faults;
  private long rows;

  private record FirstCell(String text, CsvCell.Kind kind) {}

  /**
   * Prepares a scan.
   *
   * @param table the writer of the rows; null to write none
   */
  CsvScan(
      IngestOptions options, CellClassifier kinds, Rejects rejects, @Nullable CsvRowWriter table) {
    this.options = options;
    this.kinds = kinds;
    this.rejects = rejects;
    this.table = table;
  }

  @Override
  public int number(int column, byte[] buffer, int from, int to) {
    if (to - from < DecimalNumber.MAX_LENGTH
        || column >= columnsByIndex.length
        || !kinds.allowsNumbers()) {
      return -1;
    }
    CsvColumn observed = columnsByIndex[column];
    CsvRowWriter writer = table;
    if (writer != null && !writer.isNumeric(column)) {
      return -1;
    }
    int end = number.read(buffer, from);
    if (end < 0 || !kinds.endsCell(buffer[end])) {
      return -1;
    }
    CsvCell.Kind kind = number.isWhole() ? CsvCell.Kind.INTEGER : CsvCell.Kind.NUMBER;
    if (observed.keepsText(kind)) {
      return -1;
    }
    observed.observe(kind);
    if (writer != null && !writer.put(column, number)) {
      stopWriting();
    }
    return end;
  }

  @Override
  public void cell(int column, CsvCell cell) {
    if (!started) {
      ColumnNames.checkCount(column + 1);
      first.add(new FirstCell(cell.text(), kinds.of(cell)));
    } else if (column < columnsByIndex.length) {
      observe(column, cell, kinds.of(cell));
    }
  }

  private void observe(int column, CsvCell cell, CsvCell.Kind kind) {
    columns.get(column).observe(cell, kind);
    if (table != null) {
      if (CsvColumn.fits(table.type(column), kind)) {
        table.put(column, cell, kind);
      } else {
        stopWriting();
      }
    }
  }

  private void stopWriting() {
    if (table != null) {
      table.close();
      table = null;
    }
  }

  @Override
  public boolean record(CsvRecord record) {
    if (!started) {
      start(record);
      return true;
    }
    String fault = record.faultFor(columnsByIndex.length);
    if (fault == null) {
      countRow(record.line());
    } else {
      faults = true;
      stopWriting();
      if (!rejects.skips()) {
        rejects.add(record.line(), null, fault);
      }
    }
    return true;
  }

  private void countRow(long line) {
    rows++;
    for (CsvColumn column : columnsByIndex) {
      column.count(line);
    }
    if (table != null && !table.endRow()) {
      stopWriting();
    }
  }

  private void start(CsvRecord record) {
    started = true;
    if (record.fault() != null) {
      throw ServiceException.invalidRows("Line " + record.line() + ": " + record.fault());
    }
    hasHeader =
        options.header() != null
            ? options.header()
            : first.stream().anyMatch(cell -> !isNumber(cell.kind()));
    List<String> names =
        hasHeader
            ? first.stream().map(cell -> cell.text().strip()).toList()
            : IntStream.rangeClosed(1, first.size()).mapToObj(i -> "column_" + i).toList();
    ColumnNames.check(names);
    Set<String> known = Set.copyOf(names);
    for (String forced : options.types().keySet()) {
      if (!known.contains(forced)) {
        throw ServiceException.invalid(
            Violation.pointer("/options/types", forced),
            "There is no column '" + forced + "' to give a type");
      }
    }
    names.forEach(
        name -> columns.add(new CsvColumn(name, options.types().get(name), names.size())));
    columnsByIndex = columns.toArray(CsvColumn[]::new);
    if (!hasHeader) {
      for (int i = 0; i < first.size(); i++) {
        observe(i, CsvCell.of(first.get(i).text()), first.get(i).kind());
      }
      countRow(record.line());
    }
  }

  private static boolean isNumber(CsvCell.Kind kind) {
    return kind == CsvCell.Kind.INTEGER || kind == CsvCell.Kind.NUMBER;
  }

  void finish() {
    if (!started) {
      throw ServiceException.invalidRows("The file is empty");
    }
    rejects.throwIfRefused();
  }

  List<CsvColumn> columns() {
    return columns;
  }

  /** The columns with the types that all cells suggest. */
  List<IngestedTable.Entry> entries() {
    return columns.stream()
        .map(
            column ->
                new IngestedTable.Entry(
                    column.name(), column.type(), null, column.type() == ColumnType.INTEGER))
        .toList();
  }

  /** The writer that has all rows; null if some were not as expected. */
  @Nullable CsvRowWriter table() {
    return table;
  }

  boolean hasHeader() {
    return hasHeader;
  }

  /** Whether some records are faulty. */
  boolean hasFaults() {
    return faults;
  }

  long rows() {
    return rows;
  }
}
