package io.trainyard.store.csv;

import io.trainyard.dataset.ColumnType;
import io.trainyard.json.DecimalNumber;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.table.BatchColumn;
import io.trainyard.store.table.ParquetStream;
import io.trainyard.store.table.RowBatch;
import java.nio.file.Path;
import java.util.List;

/** Puts the cells of records, whose columns' types are known, into batches of rows. */
final class CsvRowWriter implements AutoCloseable {
  private final ParquetStream stream;
  private final List<IngestedTable.Entry> columns;
  private final boolean[] numeric;
  private RowBatch batch;
  private boolean ended;

  CsvRowWriter(DuckDb duck, List<IngestedTable.Entry> columns, Path parquet) {
    this.columns = List.copyOf(columns);
    stream = new ParquetStream(duck, columns, parquet);
    batch = stream.nextBatch();
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

  /** Puts a number; false when its column is one of whole numbers and it is none. */
  boolean put(int column, DecimalNumber number) {
    BatchColumn to = batch.column(column);
    if (to instanceof BatchColumn.Numbers numbers) {
      numbers.set(batch.rows(), number.value());
      return true;
    }
    if (to instanceof BatchColumn.Wholes wholes && number.isWhole()) {
      wholes.set(batch.rows(), number.wholeValue());
      return true;
    }
    return false;
  }

  /** Puts a cell that can stand in its column. */
  void put(int column, CsvCell cell, CsvCell.Kind kind) {
    int row = batch.rows();
    BatchColumn to = batch.column(column);
    if (kind == CsvCell.Kind.EMPTY || (numeric[column] && kind == CsvCell.Kind.NAN)) {
      to.setMissing(row);
      return;
    }
    switch (to) {
      case BatchColumn.Numbers numbers -> numbers.set(row, cell.doubleValue());
      case BatchColumn.Wholes wholes -> wholes.set(row, cell.longValue());
      case BatchColumn.Truths truths -> truths.set(row, cell.isTrue());
      case BatchColumn.Texts texts -> {
        texts.set(row, cell.toBytes());
        batch.addTextBytes(cell.length());
      }
    }
  }

  /** Keeps the row whose cells were put; false when rows are not taken any more. */
  boolean endRow() {
    if (!batch.endRow()) {
      ended |= !stream.offer(batch);
      batch = stream.nextBatch();
    }
    return !ended;
  }

  /** Waits for the file; gives how many rows it has. */
  long finish() {
    if (batch.rows() > 0) {
      stream.offer(batch);
    }
    return stream.finish();
  }

  @Override
  public void close() {
    stream.close();
  }
}
