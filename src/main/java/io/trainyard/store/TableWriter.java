package io.trainyard.store;

import io.trainyard.dataset.ColumnType;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;

/** Collects rows value by value and writes them to a Parquet file. */
final class TableWriter implements AutoCloseable {
  private final DuckDb duck;
  private final List<IngestedTable.Entry> columns;
  private final DuckDBAppender appender;
  private long rows;

  TableWriter(DuckDb duck, List<IngestedTable.Entry> columns) {
    this.duck = duck;
    this.columns = List.copyOf(columns);
    String declared =
        IntStream.range(0, columns.size())
            .mapToObj(i -> IngestedTable.stored(i) + " " + sqlType(columns.get(i)))
            .collect(Collectors.joining(", "));
    try {
      duck.execute("CREATE TABLE ingested (" + declared + ")");
      appender = duck.connection().createAppender("ingested");
    } catch (SQLException e) {
      throw ParquetFile.refused(e);
    }
  }

  private static String sqlType(IngestedTable.Entry column) {
    return column.type() == ColumnType.TIMESTAMP ? "VARCHAR" : IngestedTable.sqlType(column);
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

  void beginRow() {
    append(appender::beginRow);
  }

  void endRow() {
    append(appender::endRow);
    rows++;
  }

  void missing() {
    append(appender::appendNull);
  }

  void whole(long number) {
    append(() -> appender.append(number));
  }

  void number(double number) {
    append(() -> appender.append(number));
  }

  void truth(boolean truth) {
    append(() -> appender.append(truth));
  }

  void text(String text) {
    append(() -> appender.append(text));
  }

  void tensor(double[] elements) {
    append(() -> appender.append(elements));
  }

  void tensor(long[] elements) {
    append(() -> appender.append(elements));
  }

  /** Writes the file. */
  IngestedTable finish(Path parquet, long rejected) {
    try {
      appender.close();
      List<String> selected = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        IngestedTable.Entry column = columns.get(i);
        String stored = IngestedTable.stored(i);
        if (column.type() == ColumnType.TIMESTAMP) {
          selected.add(ParquetFile.timestamp(stored) + " AS " + stored);
        } else {
          selected.add(stored);
        }
      }
      duck.execute(
          ParquetFile.copy(
              "SELECT " + String.join(", ", selected) + " FROM ingested",
              selected.size(),
              parquet));
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
