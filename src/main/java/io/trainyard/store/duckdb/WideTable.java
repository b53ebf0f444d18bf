package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Profiles the columns of a table that has many. It reads some columns at once in a {@link
 * ColumnPass} each; how many follows from the memory that the passes and DuckDB's chunks take.
 */
final class WideTable {
  private static final long MAX_PASS_BYTES = 64 << 20;

  /** Of each different value: key, count and free slots. */
  private static final long VALUE_BYTES = 64;

  /** A chunk of DuckDB has up to 2048 rows, each in 8 bytes or more. */
  private static final int MAX_TOGETHER = 4096;

  private static final long MAX_LABELS = 2_000_000;
  private static final int MIN_LABELS = 20;
  private static final long MIN_LABEL_CHARS = 1024;

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final ValueCounter.Limits limits;
  private final int sample;
  private final boolean exact;

  /**
   * A table.
   *
   * @param width the number of all its columns
   * @param exact whether quantiles and numbers of different values are exact
   */
  WideTable(DuckDb duck, String source, long rows, int width, boolean quantiles, boolean exact) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.exact = exact;
    this.limits =
        new ValueCounter.Limits(
            Math.clamp(MAX_LABELS / width, MIN_LABELS, Profiler.FEW),
            Math.max(MIN_LABEL_CHARS, Profiler.LABEL_CHARS / width),
            exact);
    this.sample = quantiles ? exact ? Integer.MAX_VALUE - 8 : ColumnStatistics.SAMPLE : 0;
  }

  /** The number of columns to profile at once. */
  int together() {
    long values = exact ? rows : Math.min(rows, limits.values());
    long bytes = VALUE_BYTES * (1 + values) + Double.BYTES * Math.min(rows, sample);
    return Math.clamp(MAX_PASS_BYTES / bytes, 1, MAX_TOGETHER);
  }

  /** Some columns with their profiles, none of them with tensors. */
  List<Column> profile(List<IngestedTable.Entry> columns, List<Integer> indices)
      throws SQLException {
    List<String> selected = new ArrayList<>();
    List<ColumnPass> passes = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      IngestedTable.Entry column = columns.get(i);
      selected.add(ColumnPass.expression(column.type(), IngestedTable.storedName(indices.get(i))));
      passes.add(new ColumnPass(column.type(), limits, sample));
    }
    ColumnPass.read(duck, "select " + String.join(", ", selected) + " from " + source, passes);
    List<Column> profiled = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnPass pass = passes.get(i);
      profiled.add(
          Profiler.column(
              columns.get(i),
              pass.statistics(),
              pass.counted(),
              !exact,
              !exact && rows > ColumnStatistics.SAMPLE));
    }
    return profiled;
  }
}
