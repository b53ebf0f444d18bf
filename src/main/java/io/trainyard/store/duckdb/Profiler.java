package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks through rows in a Parquet file and says what their columns hold. */
public final class Profiler {
  /** Up to so many different values are counted exactly and kept. */
  private static final int FEW = 1000;

  private static final int TOP = 10;

  /** Up to so many values in all, different ones are counted and quantiles are exact. */
  private static final long FEW_VALUES = 1_000_000;

  /** Beyond, quantiles are those of so many rows: half a percent of rank off, give or take. */
  private static final int SAMPLE = 10_000;

  private static final List<String> LEVELS = List.of("0.05", "0.25", "0.5", "0.75", "0.95");

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final boolean quantiles;

  private Profiler(DuckDb duck, String source, long rows, boolean quantiles) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.quantiles = quantiles;
  }

  /**
   * A profiler of a version.
   *
   * @param source what stands behind FROM
   */
  public static Profiler ofVersion(DuckDb duck, String source, long rows) {
    return new Profiler(duck, source, rows, true);
  }

  /** A profiler of some rows, for what has to be known before a job: quantiles are left out. */
  public static Profiler ofSelection(DuckDb duck, String source, long rows) {
    return new Profiler(duck, source, rows, false);
  }

  /** The columns with their profiles; the names in the file go by {@code indices}. */
  public List<Column> profile(List<IngestedTable.Entry> columns, List<Integer> indices)
      throws SQLException {
    List<Basic> basics;
    try {
      basics = basics(columns, indices, true);
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains("ut of range")) {
        throw e;
      }
      // Numbers near a double's limit have no variance that a double can hold.
      basics = basics(columns, indices, false);
    }
    List<Column> profiled = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      profiled.add(
          profile(
              columns.get(i),
              IngestedTable.storedName(indices.get(i)),
              basics.get(i),
              isExact(columns.size())));
    }
    return profiled;
  }

  private List<Basic> basics(
      List<IngestedTable.Entry> columns, List<Integer> indices, boolean moments)
      throws SQLException {
    boolean exact = isExact(columns.size());
    List<String> selected = new ArrayList<>();
    selected.add("count(*)");
    for (int i = 0; i < columns.size(); i++) {
      String stored = IngestedTable.storedName(indices.get(i));
      selected.add("count(" + stored + ")");
      if (columns.get(i).type() == ColumnType.TENSOR) {
        continue;
      }
      selected.add(
          exact ? "count(DISTINCT " + stored + ")" : "approx_count_distinct(" + stored + ")");
      selected.add("min(" + stored + ")");
      selected.add("max(" + stored + ")");
      if (isNumber(columns.get(i).type())) {
        selected.add(moments ? "avg(" + stored + ")" : "NULL");
        selected.add(moments ? "stddev_pop(" + stored + ")" : "NULL");
        selected.add(quantiles ? quantiles(stored, exact) : "NULL");
      }
    }
    return duck.query(
        "SELECT " + String.join(", ", selected) + " FROM " + source, row -> basics(row, columns));
  }

  private boolean isExact(int columns) {
    return rows * columns <= FEW_VALUES;
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

  private record Basic(
      long nulls,
      long distinct,
      @Nullable Object min,
      @Nullable Object max,
      @Nullable Double mean,
      @Nullable Double std,
      @Nullable Map<String, Double> quantiles) {}

  private static List<Basic> basics(ResultSet row, List<IngestedTable.Entry> columns)
      throws SQLException {
    row.next();
    long rows = row.getLong(1);
    int at = 2;
    List<Basic> basics = new ArrayList<>();
    for (IngestedTable.Entry column : columns) {
      long nulls = rows - row.getLong(at++);
      if (column.type() == ColumnType.TENSOR) {
        basics.add(new Basic(nulls, 0, null, null, null, null, null));
        continue;
      }
      long distinct = row.getLong(at++);
      Object min = shown(row, at++, column.type());
      Object max = shown(row, at++, column.type());
      Double mean = null;
      Double std = null;
      Map<String, Double> quantiles = null;
      if (isNumber(column.type())) {
        mean = finite(row.getObject(at++));
        std = finite(row.getObject(at++));
        quantiles = byLevel(row.getArray(at++));
      }
      basics.add(new Basic(nulls, distinct, min, max, mean, std, quantiles));
    }
    return basics;
  }

  private static @Nullable Map<String, Double> byLevel(java.sql.@Nullable Array found)
      throws SQLException {
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

  private static @Nullable Double finite(@Nullable Object found) {
    return found instanceof Number number && Double.isFinite(number.doubleValue())
        ? (Double) number.doubleValue()
        : null;
  }

  /** A value as JSON shows it. */
  static @Nullable Object shown(ResultSet row, int at, ColumnType type) throws SQLException {
    Object found = row.getObject(at);
    if (found == null) {
      return null;
    }
    return switch (type) {
      case INTEGER -> row.getLong(at);
      case NUMBER -> row.getDouble(at);
      case BOOLEAN -> row.getBoolean(at);
      case STRING -> row.getString(at);
      case TIMESTAMP ->
          row.getObject(at, java.time.LocalDateTime.class)
              .toInstant(java.time.ZoneOffset.UTC)
              .toString();
      case TENSOR -> found;
    };
  }

  private Column profile(IngestedTable.Entry column, String stored, Basic basic, boolean exact)
      throws SQLException {
    if (column.type() == ColumnType.TENSOR) {
      return tensor(column, stored, basic);
    }
    boolean few = basic.distinct() <= FEW + FEW / 5;
    List<ColumnProfile.Top> counted = few ? counted(column, stored) : List.of();
    few = few && counted.size() <= FEW;
    List<String> labels = null;
    if (few) {
      labels = counted.stream().map(top -> label(top.item())).toList();
    }
    List<String> estimated = new ArrayList<>();
    if (!few && !exact) {
      estimated.add(ColumnProfile.DISTINCT);
    }
    if (basic.quantiles() != null && !exact && rows > SAMPLE) {
      estimated.add(ColumnProfile.QUANTILES);
    }
    ColumnProfile profile =
        new ColumnProfile(
            basic.nulls(),
            few ? counted.size() : basic.distinct(),
            basic.min(),
            basic.max(),
            basic.mean(),
            basic.std(),
            basic.quantiles(),
            few ? counted.subList(0, Math.min(TOP, counted.size())) : List.of(),
            estimated,
            labels);
    return new Column(column.name(), column.type(), null, column.whole(), profile);
  }

  /** All values by how often they occur, as long as they are few. */
  private List<ColumnProfile.Top> counted(IngestedTable.Entry column, String stored)
      throws SQLException {
    return duck.query(
        "SELECT "
            + stored
            + ", count(*) AS n FROM "
            + source
            + " WHERE "
            + stored
            + " IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT "
            + (FEW + 1),
        rows -> {
          List<ColumnProfile.Top> counted = new ArrayList<>();
          while (rows.next()) {
            Object item = shown(rows, 1, column.type());
            if (item != null) {
              counted.add(new ColumnProfile.Top(item, rows.getLong(2)));
            }
          }
          return counted;
        });
  }

  /** A value as the name of a category or class. */
  static String label(Object item) {
    return item instanceof Double number
        ? io.trainyard.dataset.ColumnValues.label(number)
        : item.toString();
  }

  private Column tensor(IngestedTable.Entry column, String stored, Basic basic)
      throws SQLException {
    ColumnProfile profile =
        duck.query(
            "SELECT min(e), max(e), avg(e), stddev_pop(e) FROM (SELECT unnest("
                + stored
                + ") AS e FROM "
                + source
                + ")",
            row -> {
              row.next();
              Object min = row.getObject(1);
              Object max = row.getObject(2);
              return new ColumnProfile(
                  basic.nulls(),
                  0,
                  min,
                  max,
                  finite(row.getObject(3)),
                  finite(row.getObject(4)),
                  null,
                  List.of(),
                  List.of(),
                  null);
            });
    return new Column(column.name(), column.type(), column.shape(), column.whole(), profile);
  }
}
