package io.trainyard.store.duckdb;

import io.trainyard.dataset.ColumnType;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as they lie in a Parquet file, whose columns are called c0, c1, … whatever their names.
 *
 * @param rejected rows left out
 */
public record IngestedTable(List<Entry> columns, long rows, long rejected) {
  public IngestedTable {
    columns = List.copyOf(columns);
  }

  /**
   * A column.
   *
   * @param shape of one row's tensor; null for a scalar
   * @param whole whether all numbers in it are whole
   */
  public record Entry(String name, ColumnType type, @Nullable Shape shape, boolean whole) {}

  /** The column's name in the file. */
  public static String storedName(int index) {
    return "c" + index;
  }

  /** How many numbers or other values one row has, those in its tensors too. */
  public static long cells(List<Entry> columns) {
    return columns.stream()
        .mapToLong(column -> column.shape() == null ? 1 : column.shape().elements())
        .sum();
  }

  /** The type of a column in the file; tensors lie flat. */
  public static String sqlType(Entry column) {
    return switch (column.type()) {
      case INTEGER -> "BIGINT";
      case NUMBER -> "DOUBLE";
      case BOOLEAN -> "BOOLEAN";
      case STRING -> "VARCHAR";
      case TIMESTAMP -> "TIMESTAMP";
      case TENSOR -> column.whole() ? "BIGINT[]" : "DOUBLE[]";
    };
  }
}
