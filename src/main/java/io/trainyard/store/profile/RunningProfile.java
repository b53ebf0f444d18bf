package io.trainyard.store.profile;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.IngestedTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Profiles the columns of numbers of a large table while its rows are written, so that no query
 * reads them again. Its numbers of different values and its quantiles are estimates, as those of
 * {@link Profiler} for large tables.
 */
public final class RunningProfile {
  private final List<IngestedTable.Entry> columns;
  private final @Nullable ColumnPass[] passes;
  private final ColumnPass.Block block = new ColumnPass.Block();

  private RunningProfile(List<IngestedTable.Entry> columns, PassLimits limits) {
    this.columns = List.copyOf(columns);
    this.passes = new @Nullable ColumnPass[columns.size()];
    for (int i = 0; i < passes.length; i++) {
      ColumnType type = columns.get(i).type();
      passes[i] =
          type == ColumnType.INTEGER || type == ColumnType.NUMBER ? limits.pass(type) : null;
    }
  }

  /**
   * A profile of the rows to come.
   *
   * @param rows about how many rows there will be
   * @return null where a profile after the writing is exact, or where this one would take too much
   *     memory
   */
  public static @Nullable RunningProfile of(List<IngestedTable.Entry> columns, long rows) {
    PassLimits limits = PassLimits.of(columns.size(), true, false);
    return Profiler.isExact(rows, columns.size()) || columns.size() > limits.together(rows)
        ? null
        : new RunningProfile(columns, limits);
  }

  /** Adds whole numbers of a column; a bit of {@code present} is 0 where one is missing. */
  public void add(int column, long[] elements, long[] present, int rows) {
    ColumnPass pass = passes[column];
    if (pass != null) {
      pass.add(elements, present, rows, block);
    }
  }

  /** Adds numbers of a column; a bit of {@code present} is 0 where one is missing. */
  public void add(int column, double[] elements, long[] present, int rows) {
    ColumnPass pass = passes[column];
    if (pass != null) {
      pass.add(elements, present, rows, block);
    }
  }

  /**
   * The profiles of the columns of numbers by their places; none if there were so few rows that a
   * query gives exact ones.
   */
  public Map<Integer, ColumnProfile> profiles(long rows) {
    Map<Integer, ColumnProfile> profiles = new LinkedHashMap<>();
    if (!Profiler.isExact(rows, columns.size())) {
      for (int i = 0; i < passes.length; i++) {
        ColumnPass pass = passes[i];
        if (pass != null) {
          profiles.put(i, Profiler.column(columns.get(i), pass, false, rows).profile());
        }
      }
    }
    return profiles;
  }
}
