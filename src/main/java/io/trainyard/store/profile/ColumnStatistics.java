package io.trainyard.store.profile;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.StoredValue;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Count, extremes, moments and quantiles of one column, from one query over all columns.
 *
 * @param distinct the number of different values; an estimate for large files
 * @param longest the most bytes of a text; 0 for other types
 */
record ColumnStatistics(
    long nulls,
    long distinct,
    @Nullable Object min,
    @Nullable Object max,
    long longest,
    @Nullable Double mean,
    @Nullable Double std,
    @Nullable Map<String, Double> quantiles) {
  /** The number of rows from which quantiles are estimated: their rank is 0.5 % off. */
  static final int SAMPLE = 10_000;

  private static final List<String> LEVELS = QuantileSample.LEVELS;

  /**
   * What to compute.
   *
   * @param quantiles whether to compute quantiles
   * @param exact whether quantiles and the number of different values are exact
   */
  record Options(boolean quantiles, boolean exact) {}

  /** The statistics of some columns; {@code indices} says where they are in the file. */
  static List<ColumnStatistics> query(
      DuckDb duck,
      String source,
      List<IngestedTable.Entry> columns,
      List<Integer> indices,
      Options options)
      throws SQLException {
    try {
      return query(duck, select(columns, indices, options, true) + " from " + source, columns);
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("out of range")) {
        throw e;
      }
      // The variance of numbers near a double's limit is beyond the range of a double.
      return query(duck, select(columns, indices, options, false) + " from " + source, columns);
    }
  }

  private static List<ColumnStatistics> query(
      DuckDb duck, String sql, List<IngestedTable.Entry> columns) throws SQLException {
    return duck.query(sql, row -> read(row, columns));
  }

  private static String select(
      List<IngestedTable.Entry> columns, List<Integer> indices, Options options, boolean moments) {
    List<String> selected = new ArrayList<>();
    selected.add("count(*)");
    for (int i = 0; i < columns.size(); i++) {
      ColumnType type = columns.get(i).type();
      String stored = IngestedTable.storedName(indices.get(i));
      selected.add("count(" + stored + ")");
      if (type == ColumnType.TENSOR) {
        continue;
      }
      selected.add(
          options.exact()
              ? "count(distinct " + stored + ")"
              : "approx_count_distinct(" + stored + ")");
      selected.add("min(" + stored + ")");
      selected.add("max(" + stored + ")");
      if (type == ColumnType.STRING) {
        selected.add("coalesce(max(strlen(" + stored + ")), 0)");
      }
      if (isNumber(type)) {
        selected.add(moments ? "avg(" + stored + ")" : "null");
        selected.add(moments ? "stddev_pop(" + stored + ")" : "null");
        selected.add(options.quantiles() ? quantiles(stored, options.exact()) : "null");
      }
    }
    return "select " + String.join(", ", selected);
  }

  private static String quantiles(String stored, boolean exact) {
    String levels = String.join(", ", LEVELS);
    return exact
        ? "quantile_cont(%s, [%s])".formatted(stored, levels)
        : "reservoir_quantile(%s, [%s], %d)".formatted(stored, levels, SAMPLE);
  }

  private static boolean isNumber(ColumnType type) {
    return type == ColumnType.INTEGER || type == ColumnType.NUMBER;
  }

  private static List<ColumnStatistics> read(ResultSet row, List<IngestedTable.Entry> columns)
      throws SQLException {
    row.next();
    long rows = row.getLong(1);
    int at = 2;
    List<ColumnStatistics> statistics = new ArrayList<>();
    for (IngestedTable.Entry column : columns) {
      long nulls = rows - row.getLong(at++);
      if (column.type() == ColumnType.TENSOR) {
        statistics.add(new ColumnStatistics(nulls, 0, null, null, 0, null, null, null));
        continue;
      }
      long distinct = row.getLong(at++);
      Object min = StoredValue.read(row, at++, column.type());
      Object max = StoredValue.read(row, at++, column.type());
      long longest = column.type() == ColumnType.STRING ? row.getLong(at++) : 0;
      Double mean = null;
      Double std = null;
      Map<String, Double> quantiles = null;
      if (isNumber(column.type())) {
        mean = finite(row.getObject(at++));
        std = finite(row.getObject(at++));
        quantiles = byLevel(row.getArray(at++));
      }
      statistics.add(
          new ColumnStatistics(nulls, distinct, min, max, longest, mean, std, quantiles));
    }
    return statistics;
  }

  private static @Nullable Map<String, Double> byLevel(@Nullable Array found) throws SQLException {
    if (found == null) {
      return null;
    }
    Map<String, Double> byLevel = new LinkedHashMap<>();
    Object[] items = (Object[]) found.getArray();
    for (int i = 0; i < LEVELS.size(); i++) {
      Double item = finite(items[i]);
      if (item != null) {
        byLevel.put(LEVELS.get(i), item);
      }
    }
    return byLevel;
  }

  static @Nullable Double finite(@Nullable Object found) {
    return found instanceof Number number && Double.isFinite(number.doubleValue())
        ? (Double) number.doubleValue()
        : null;
  }
}
