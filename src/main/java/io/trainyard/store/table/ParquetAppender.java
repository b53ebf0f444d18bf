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
 * Collects narrow rows value by value and writes them to a Parquet file. DuckDB spills them to disk
 * when memory is short.
 */
public final class ParquetAppender implements AutoCloseable {
  private final DuckDb duck;
  private final List<IngestedTable.Entry> columns;
  private final String declared;
  private final DuckDBAppender appender;
  private long rows;

  public ParquetAppender(DuckDb duck, List<IngestedTable.Entry> columns) {
    this.duck = duck;
    this.columns = List.copyOf(columns);
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

  /** Writes the Parquet file. */
  public IngestedTable finish(Path parquet, long rejected) {
    try {
      appender.close();
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
              "select " + String.join(", ", selected) + " from ingested", columns, parquet));
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
