package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Hint;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The content of a Parquet file of rows. Its columns are called c0, c1, …, whatever names the
 * caller gave them.
 *
 * @param rejected the number of rows that were skipped
 * @param hints what only the caller's file shows of its columns
 * @param profiles of the columns, by place, that were profiled while they were written
 */
public record IngestedTable(
    List<Entry> columns,
    long rows,
    long rejected,
    List<Hint> hints,
    Map<Integer, ColumnProfile> profiles) {
  public IngestedTable {
    columns = List.copyOf(columns);
    hints = List.copyOf(hints);
    profiles = Map.copyOf(profiles);
  }

  public IngestedTable(List<Entry> columns, long rows, long rejected) {
    this(columns, rows, rejected, List.of(), Map.of());
  }

  /**
   * One column as it was ingested.
   *
   * @param shape the shape of one row's tensor; null for a scalar
   * @param whole whether all its numbers are whole
   */
  public record Entry(String name, ColumnType type, @Nullable Shape shape, boolean whole) {
    public static Entry of(Column column) {
      return new Entry(column.name(), column.type(), column.shape(), column.wholeNumbers());
    }
  }

  /** The column's name in the file. */
  public static String storedName(int index) {
    return "c" + index;
  }

  /** The number of values in one row, elements of tensors included. */
  public static long cells(List<Entry> columns) {
    return columns.stream()
        .mapToLong(column -> column.shape() == null ? 1 : column.shape().elements())
        .sum();
  }

  /** The type of a column in the file; tensors are stored flat. */
  public static String sqlType(Entry column) {
    return switch (column.type()) {
      case INTEGER -> "bigint";
      case NUMBER -> "double";
      case BOOLEAN -> "boolean";
      case STRING -> "varchar";
      case TIMESTAMP -> "timestamp";
      case TENSOR -> column.whole() ? "bigint[]" : "double[]";
    };
  }
}
