package io.trainyard.store.table;

import io.trainyard.store.duckdb.IngestedTable;
import java.sql.SQLException;
import java.util.List;
import org.duckdb.DuckDBDataChunkWriter;

/** Some rows, column by column, between whoever reads them and the file they go to. Reused. */
public final class RowBatch {
  /** DuckDB takes no more rows at once. */
  private static final int MAX_ROWS = 2048;

  private static final int CELLS = 1 << 17;

  /** Texts may be long: a batch with so many bytes is full however few its rows are. */
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

  /** Keeps the row that was filled, and says whether another one has room. */
  public boolean endRow() {
    return ++rows < capacity && textBytes < TEXT_BYTES;
  }

  void clear() {
    rows = 0;
    textBytes = 0;
  }

  void writeTo(DuckDBDataChunkWriter chunk) throws SQLException {
    for (int i = 0; i < columns.length; i++) {
      columns[i].writeTo(chunk.vector(i), rows);
    }
  }
}
