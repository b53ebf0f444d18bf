package io.trainyard.store.table;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;

/**
 * Collects rows value by value and writes them to a Parquet file. DuckDB reads 2048 rows at once
 * from a table, however wide they are, so wide rows are flushed to temporary files in time. DuckDB
 * itself spills narrow rows, and does so faster.
 */
public final class ParquetAppender implements AutoCloseable {
  /** The number of values of wide rows that are kept in memory. */
  private static final long FILE_CELLS = 4 << 20;

  /** Rows with more values than this are wide. */
  private static final long WIDE = FILE_CELLS / 2048;

  private final DuckDb duck;
  private final List<IngestedTable.Entry> columns;
  private final String declared;
  private final List<String> files = new ArrayList<>();
  private final long rowCells;
  private DuckDBAppender appender;
  private long cells;
  private long flushed;
  private long rows;

  public ParquetAppender(DuckDb duck, List<IngestedTable.Entry> columns) {
    this.duck = duck;
    this.columns = List.copyOf(columns);
    this.rowCells = IngestedTable.cells(columns);
    this.declared =
        IntStream.range(0, columns.size())
            .mapToObj(i -> IngestedTable.storedName(i) + " " + sqlType(columns.get(i)))
            .collect(Collectors.joining(", "));
    try {
      appender = begin();
    } catch (SQLException e) {
      throw ParquetFile.refused(e);
    }
  }

  private DuckDBAppender begin() throws SQLException {
    duck.execute("create or replace table ingested (" + declared + ")");
    return duck.connection().createAppender("ingested");
  }

  private static String sqlType(IngestedTable.Entry column) {
    return column.type() == ColumnType.TIMESTAMP ? "varchar" : IngestedTable.sqlType(column);
  }

  /** One call into the appender. */
  private interface Append {
    void run() throws SQLException;
  }

  private static void append(Append call) {
    try {
      call.run();
    } catch (SQLException e) {
      throw ParquetFile.refused(e);
    }
  }

  public void beginRow() {
    append(appender::beginRow);
  }

  public void endRow() {
    append(appender::endRow);
    rows++;
    cells += rowCells;
    if (rowCells > WIDE && cells >= FILE_CELLS) {
      append(this::flush);
    }
  }

  /** Moves the rows in memory to a temporary file. */
  private void flush() throws SQLException {
    appender.close();
    duck.requireSpace(cells * Double.BYTES);
    Path file = duck.scratchFile("rows-" + files.size());
    duck.execute(ParquetFile.copy("select * from ingested", columns, file));
    files.add(DuckDb.literal(file));
    flushed += file.toFile().length();
    cells = 0;
    appender = begin();
  }

  public void appendNull() {
    append(appender::appendNull);
  }

  public void appendLong(long number) {
    append(() -> appender.append(number));
  }

  public void appendDouble(double number) {
    append(() -> appender.append(number));
  }

  public void appendBoolean(boolean truth) {
    append(() -> appender.append(truth));
  }

  public void appendString(String text) {
    append(() -> appender.append(text));
  }

  public void appendTensor(double[] elements) {
    append(() -> appender.append(elements));
  }

  public void appendTensor(long[] elements) {
    append(() -> appender.append(elements));
  }

  /** Writes the Parquet file. */
  public IngestedTable finish(Path parquet, long rejected) {
    try {
      if (!files.isEmpty()) {
        flush();
      }
      appender.close();
      duck.requireSpace(flushed);
      String from = files.isEmpty() ? "ingested" : "read_parquet(" + files + ")";
      List<String> selected = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        IngestedTable.Entry column = columns.get(i);
        String stored = IngestedTable.storedName(i);
        if (column.type() == ColumnType.TIMESTAMP) {
          selected.add(ParquetFile.timestamp(stored) + " as " + stored);
        } else {
          selected.add(stored);
        }
      }
      duck.execute(
          ParquetFile.copy(
              "select " + String.join(", ", selected) + " from " + from, columns, parquet));
      return new IngestedTable(columns, rows, rejected);
    } catch (SQLException e) {
      throw ParquetFile.refused(e);
    }
  }

  @Override
  public void close() {
    append(appender::close);
  }
}
