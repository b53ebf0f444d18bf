package io.trainyard.store.table;

import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.profile.RunningProfile;
import java.sql.SQLException;
import java.util.List;
import org.duckdb.DuckDBDataChunkWriter;

/** A batch of rows, stored by column, on their way to a file. Batches are reused. */
public final class RowBatch {
  /** The rows in one of DuckDB's vectors. */
  private static final int MAX_ROWS = 2048;

  private static final int CELLS = 1 << 17;

  /** A batch with this many bytes of text is full, however few rows it has. */
  private static final int TEXT_BYTES = 4 << 20;

  private final BatchColumn[] columns;
  private final int capacity;
  private int rows;
  private long textBytes;

  RowBatch(List<IngestedTable.Entry> columns) {
    capacity = Math.clamp(CELLS / columns.size(), 1, MAX_ROWS);
    this.columns =
        columns.stream()
            .map(column -> BatchColumn.of(column.type(), capacity))
            .toArray(BatchColumn[]::new);
  }

  public BatchColumn column(int index) {
    return columns[index];
  }

  public int rows() {
    return rows;
  }

  public void addTextBytes(int bytes) {
    textBytes += bytes;
  }

  /** Completes the current row; says whether another one fits. */
  public boolean endRow() {
    return ++rows < capacity && textBytes < TEXT_BYTES;
  }

  void clear() {
    rows = 0;
    textBytes = 0;
  }

  void addTo(RunningProfile profile) {
    for (int i = 0; i < columns.length; i++) {
      columns[i].addTo(profile, i, rows);
    }
  }

  void addTo(WideParquet file) {
    for (int i = 0; i < columns.length; i++) {
      columns[i].addRows(file.column(i), rows);
    }
    file.endRows(rows);
  }

  void writeTo(DuckDBDataChunkWriter chunk) throws SQLException {
    for (int i = 0; i < columns.length; i++) {
      columns[i].writeTo(chunk.vector(i), rows);
    }
  }
}
