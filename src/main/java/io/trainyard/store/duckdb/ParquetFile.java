package io.trainyard.store.duckdb;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** How rows are written to the files that keep them. */
public final class ParquetFile {
  private ParquetFile() {}

  /**
   * Rows are written group by group: large enough to be packed well, small enough that whoever
   * feeds them is never kept waiting for long, and that a few groups of wide rows fit in memory.
   */
  private static final int GROUP_ROWS = 30_720;

  private static final int GROUP_CELLS = 16 << 20;

  /** Of wide tensors; whoever reads or writes a group holds it several times over. */
  private static final int WIDE_GROUP_CELLS = 4 << 20;

  public static String copy(String select, List<IngestedTable.Entry> columns, Path file) {
    return "COPY ("
        + select
        + ") TO "
        + DuckDb.literal(file)
        + " (FORMAT parquet, USE_TMP_FILE false, ROW_GROUP_SIZE "
        + groupRows(columns)
        + ")";
  }

  private static long groupRows(List<IngestedTable.Entry> columns) {
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

  /** A text column as times in UTC; a text without an offset is UTC already. */
  public static String timestamp(String column) {
    return "make_timestamp(epoch_us(CAST(" + column + " AS TIMESTAMPTZ)))";
  }

  /** What DuckDB could not take, as the caller's fault, or as ours when there is no room. */
  public static ServiceException refused(SQLException e) {
    String kind = DuckDb.firstLine(e.getMessage()).toLowerCase(Locale.ROOT);
    if (DuckDb.isOutOfSpace(e)
        || kind.startsWith("internal error")
        || kind.startsWith("io error")) {
      return DuckDb.failure(e);
    }
    String message = DuckDb.message(e);
    return new ServiceException(
        ErrorCode.INVALID_ROWS, message, List.of(new Violation("", message)));
  }
}
