package io.trainyard.dataset;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The rows of dataset versions, as training reads them. */
public interface DatasetRows {
  /**
   * Counts and profiles the rows that a condition selects.
   *
   * @param where null for all rows
   */
  Selected select(DatasetVersion version, @Nullable String where, List<String> columns);

  /**
   * Passes the selected rows to the reader in file order, in chunks.
   *
   * @param where a condition that {@link #select} accepted, or null for all rows
   */
  void scan(
      DatasetVersion version, @Nullable String where, List<String> columns, Consumer<Rows> reader);

  /** As {@link #scan}, of the first rows alone, at most {@code limit}. */
  void first(
      DatasetVersion version,
      @Nullable String where,
      List<String> columns,
      int limit,
      Consumer<Rows> reader);

  /**
   * At most {@code limit} different values of a column in the selected rows, in any order.
   *
   * @param least in how many of the rows a value must be
   */
  List<String> distinct(
      DatasetVersion version, @Nullable String where, String column, int least, int limit);

  /**
   * What a condition selects.
   *
   * @param columns in the order of the request, profiled over the selected rows
   */
  record Selected(long rows, List<Column> columns) {
    public Selected {
      columns = Columns.of(columns);
    }
  }
}
