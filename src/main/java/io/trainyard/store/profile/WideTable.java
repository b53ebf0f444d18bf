package io.trainyard.store.profile;

import io.trainyard.dataset.Column;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Profiles the columns of a table that has many. It reads some columns at once in a {@link
 * ColumnPass} each; how many follows from the memory that the passes and DuckDB's chunks take.
 */
final class WideTable {
  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final PassLimits limits;

  /**
   * A table.
   *
   * @param limits of the passes over its columns
   */
  WideTable(DuckDb duck, String source, long rows, PassLimits limits) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.limits = limits;
  }

  /** The number of columns to profile at once. */
  int together() {
    return limits.together(rows);
  }

  /** Some columns with their profiles, none of them with tensors. */
  List<Column> profile(List<IngestedTable.Entry> columns, List<Integer> indices)
      throws SQLException {
    List<String> selected = new ArrayList<>();
    List<ColumnPass> passes = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      IngestedTable.Entry column = columns.get(i);
      selected.add(ColumnPass.expression(column.type(), IngestedTable.storedName(indices.get(i))));
      passes.add(limits.pass(column.type()));
    }
    ColumnPass.read(duck, "select " + String.join(", ", selected) + " from " + source, passes);
    List<Column> profiled = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      profiled.add(Profiler.column(columns.get(i), passes.get(i), limits.values().exact(), rows));
    }
    return profiled;
  }
}
