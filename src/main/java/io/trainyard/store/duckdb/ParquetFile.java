package io.trainyard.store.duckdb;

import io.trainyard.error.ServiceException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** The SQL that writes and reads the Parquet files of datasets. */
public final class ParquetFile {
  private ParquetFile() {}

  /**
   * The most rows in one row group. Larger groups compress better; smaller ones keep the thread
   * that appends rows from waiting long, and a few groups of wide rows must fit in memory.
   */
  private static final int GROUP_ROWS = 30_720;

  private static final int GROUP_CELLS = 16 << 20;

  /** For wide tensors: a group is in memory several times while it is read or written. */
  private static final int WIDE_GROUP_CELLS = 4 << 20;

  public static String copy(String select, List<IngestedTable.Entry> columns, Path file) {
    return "copy (%s) to %s (format parquet, use_tmp_file false, row_group_size %d)"
        .formatted(select, DuckDb.literal(file), groupRows(columns));
  }

  /** The most rows in one row group of a table with these columns. */
  public static long groupRows(List<IngestedTable.Entry> columns) {
    long cells = IngestedTable.cells(columns);
    long rows = Math.min(GROUP_ROWS, GROUP_CELLS / cells);
    if (rows >= 2048) {
      return rows / 2048 * 2048;
    }
    return cells == columns.size() ? 2048 : Math.max(1, WIDE_GROUP_CELLS / cells);
  }

  public static String read(Path file) {
    return "read_parquet(" + DuckDb.literal(file) + ")";
  }

  /** Texts as timestamps in UTC; a text without an offset is in UTC. */
  public static String timestamp(String column) {
    return "make_timestamp(epoch_us(cast(" + column + " as timestamptz)))";
  }

  /** An error of DuckDB: the caller's fault, unless space ran out or DuckDB itself failed. */
  public static ServiceException refused(SQLException e) {
    String kind = DuckDb.firstLine(e.getMessage()).toLowerCase(Locale.ROOT);
    if (DuckDb.isOutOfSpace(e)
        || kind.startsWith("internal error")
        || kind.startsWith("io error")) {
      return DuckDb.failure(e);
    }
    return ServiceException.invalidRows(DuckDb.message(e));
  }
}
