package io.trainyard.store.ingest;

import static java.util.stream.Collectors.joining;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.table.ColumnChunk;
import io.trainyard.store.table.WideParquet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Copies a table with many columns and few rows. One query reads some columns of a window of rows.
 * A query of all columns takes a time that grows with their square.
 */
final class WideCopy {
  /** The columns of one query. */
  private static final int TOGETHER = 1000;

  /** The values of all columns that are kept until they are written. */
  private static final int CELLS = 4 << 20;

  /** The bytes of text that are kept until they are written. */
  private static final int TEXT_BYTES = 32 << 20;

  /** Each window of rows reads over those before it, so only a few are worth it. */
  private static final int MAX_WINDOWS = 8;

  private final DuckDb duck;
  private final String from;
  private final List<IngestedTable.Entry> columns;
  private final List<String> selected;
  private final long rows;
  private final long window;

  /**
   * Prepares a copy: measures the texts.
   *
   * @param selected the columns in SQL
   */
  WideCopy(
      DuckDb duck, String from, List<IngestedTable.Entry> columns, List<String> selected, long rows)
      throws SQLException {
    this.duck = duck;
    this.from = from;
    this.columns = List.copyOf(columns);
    this.selected = List.copyOf(selected);
    this.rows = rows;
    long textsPerRow = Math.max(1, textBytes() / rows);
    this.window = Math.max(1, Math.min(CELLS / columns.size(), TEXT_BYTES / textsPerRow));
  }

  private long textBytes() throws SQLException {
    List<Integer> texts =
        IntStream.range(0, columns.size())
            .filter(i -> columns.get(i).type() == ColumnType.STRING)
            .boxed()
            .toList();
    long bytes = 0;
    for (int at = 0; at < texts.size(); at += TOGETHER) {
      List<Integer> some = texts.subList(at, Math.min(at + TOGETHER, texts.size()));
      String sum =
          some.stream()
              .map(i -> "coalesce(sum(strlen(" + IngestedTable.storedName(i) + ")), 0)")
              .collect(joining(" + "));
      bytes +=
          duck.query(
              "select (%s)::bigint from (select %s from %s)"
                  .formatted(sum, some.stream().map(selected::get).collect(joining(", ")), from),
              DuckDb::firstLong);
    }
    return bytes;
  }

  /** Whether the table is small enough: else DuckDB copies it. */
  boolean suits() {
    return rows <= MAX_WINDOWS * window;
  }

  void write(Path parquet) throws SQLException {
    try (WideParquet file = new WideParquet(duck, columns, parquet)) {
      for (long first = 0; first < rows; first += window) {
        int count = (int) Math.min(window, rows - first);
        for (int at = 0; at < columns.size(); at += TOGETHER) {
          add(file, at, Math.min(at + TOGETHER, columns.size()), first, count);
        }
        file.endRows(count);
      }
      file.finish();
    }
  }

  private void add(WideParquet file, int at, int end, long first, int count) throws SQLException {
    String sql =
        "select %s from (select %s from %s limit %d offset %d)"
            .formatted(
                IntStream.range(at, end).mapToObj(this::expression).collect(joining(", ")),
                String.join(", ", selected.subList(at, end)),
                from,
                count,
                first);
    duck.query(
        sql,
        rows -> {
          while (rows.next()) {
            for (int i = at; i < end; i++) {
              add(file.column(i), columns.get(i).type(), rows, i - at + 1);
            }
          }
          return count;
        });
  }

  private String expression(int index) {
    String stored = IngestedTable.storedName(index);
    return columns.get(index).type() == ColumnType.TIMESTAMP ? "epoch_us(" + stored + ")" : stored;
  }

  private static void add(ColumnChunk column, ColumnType type, ResultSet rows, int at)
      throws SQLException {
    if (rows.getObject(at) == null) {
      column.addMissing();
      return;
    }
    switch (type) {
      case INTEGER, TIMESTAMP -> column.addLong(rows.getLong(at));
      case NUMBER -> column.addDouble(rows.getDouble(at));
      case BOOLEAN -> column.addBoolean(rows.getBoolean(at));
      case STRING -> column.addText(rows.getString(at).getBytes(StandardCharsets.UTF_8));
      case TENSOR -> throw new IllegalArgumentException("tensors are not copied by row");
    }
  }
}
