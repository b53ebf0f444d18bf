package io.trainyard.store.csv;

import io.trainyard.dataset.ColumnType;
import io.trainyard.json.DecimalNumber;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.profile.RunningProfile;
import io.trainyard.store.table.BatchColumn;
import io.trainyard.store.table.ParquetStream;
import io.trainyard.store.table.RowBatch;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes cells to batches of rows, once the types of the columns are known. */
final class CsvRowWriter implements AutoCloseable {
  private final ParquetStream stream;
  private final List<IngestedTable.Entry> columns;
  private final boolean[] numeric;
  private RowBatch batch;

  /**
   * Starts the writing.
   *
   * @param profile sees the rows that are written; null for none
   */
  CsvRowWriter(
      DuckDb duck,
      List<IngestedTable.Entry> columns,
      Path parquet,
      @Nullable RunningProfile profile) {
    this.columns = List.copyOf(columns);
    stream = new ParquetStream(duck, columns, parquet, profile);
    batch = stream.batch();
    numeric = new boolean[columns.size()];
    for (int i = 0; i < numeric.length; i++) {
      ColumnType type = columns.get(i).type();
      numeric[i] = type == ColumnType.INTEGER || type == ColumnType.NUMBER;
    }
  }

  ColumnType type(int column) {
    return columns.get(column).type();
  }

  boolean isNumeric(int column) {
    return numeric[column];
  }

  /** Writes a number; false if its column holds whole numbers and it is not whole. */
  boolean put(int column, DecimalNumber number) {
    BatchColumn target = batch.column(column);
    if (target instanceof BatchColumn.Numbers numbers) {
      numbers.set(batch.rows(), number.value());
      return true;
    }
    if (target instanceof BatchColumn.Integers integers && number.isWhole()) {
      integers.set(batch.rows(), number.wholeValue());
      return true;
    }
    return false;
  }

  /** Writes a cell that fits its column. */
  void put(int column, CsvCell cell, CsvCell.Kind kind) {
    int row = batch.rows();
    BatchColumn target = batch.column(column);
    if (kind == CsvCell.Kind.EMPTY || (numeric[column] && kind == CsvCell.Kind.NAN)) {
      target.setMissing(row);
      return;
    }
    switch (target) {
      case BatchColumn.Numbers numbers -> numbers.set(row, cell.doubleValue());
      case BatchColumn.Integers integers -> integers.set(row, cell.longValue());
      case BatchColumn.Booleans booleans -> booleans.set(row, cell.isTrue());
      case BatchColumn.Texts texts -> {
        texts.set(row, cell.toBytes());
        batch.addTextBytes(cell.length());
      }
    }
  }

  /** Completes the current row; false if the file takes no more rows. */
  boolean endRow() {
    boolean more = stream.endRow();
    batch = stream.batch();
    return more;
  }

  /** Waits until the file is written; gives its number of rows. */
  long finish() {
    return stream.finish();
  }

  @Override
  public void close() {
    stream.close();
  }
}
