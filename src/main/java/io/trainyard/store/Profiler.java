package io.trainyard.store;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks through rows in a Parquet file and says what their columns hold. */
final class Profiler {
  /** Up to so many different values are counted exactly and kept. */
  private static final int FEW = 1000;

  private static final int TOP = 10;

  private final DuckDb duck;
  private final String source;

  /**
   * A profiler of some rows.
   *
   * @param source what stands behind FROM: the file, maybe with a condition
   */
  Profiler(DuckDb duck, String source) {
    this.duck = duck;
    this.source = source;
  }

  /** The columns with their profiles; the names in the file go by {@code indices}. */
  List<Column> profile(List<IngestedTable.Entry> columns, List<Integer> indices)
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
      profiled.add(profile(columns.get(i), IngestedTable.stored(indices.get(i)), basics.get(i)));
    }
    return profiled;
  }

  private List<Basic> basics(
      List<IngestedTable.Entry> columns, List<Integer> indices, boolean moments)
      throws SQLException {
    List<String> selected = new ArrayList<>();
    selected.add("count(*)");
    for (int i = 0; i < columns.size(); i++) {
      String stored = IngestedTable.stored(indices.get(i));
      selected.add("count(" + stored + ")");
      if (columns.get(i).type() == ColumnType.TENSOR) {
        continue;
      }
      selected.add("approx_count_distinct(" + stored + ")");
      selected.add("min(" + stored + ")");
      selected.add("max(" + stored + ")");
      if (isNumber(columns.get(i).type())) {
        selected.add(moments ? "avg(" + stored + ")" : "NULL");
        selected.add(moments ? "stddev_pop(" + stored + ")" : "NULL");
      }
    }
    return duck.query(
        "SELECT " + String.join(", ", selected) + " FROM " + source, row -> basics(row, columns));
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
      @Nullable Double std) {}

  private static List<Basic> basics(ResultSet row, List<IngestedTable.Entry> columns)
      throws SQLException {
    row.next();
    long rows = row.getLong(1);
    int at = 2;
    List<Basic> basics = new ArrayList<>();
    for (IngestedTable.Entry column : columns) {
      long nulls = rows - row.getLong(at++);
      if (column.type() == ColumnType.TENSOR) {
        basics.add(new Basic(nulls, 0, null, null, null, null));
        continue;
      }
      long distinct = row.getLong(at++);
      Object min = shown(row, at++, column.type());
      Object max = shown(row, at++, column.type());
      Double mean = null;
      Double std = null;
      if (isNumber(column.type())) {
        mean = finite(row.getObject(at++));
        std = finite(row.getObject(at++));
      }
      basics.add(new Basic(nulls, distinct, min, max, mean, std));
    }
    return basics;
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

  private Column profile(IngestedTable.Entry column, String stored, Basic basic)
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
    ColumnProfile profile =
        new ColumnProfile(
            basic.nulls(),
            few ? counted.size() : basic.distinct(),
            basic.min(),
            basic.max(),
            basic.mean(),
            basic.std(),
            few ? counted.subList(0, Math.min(TOP, counted.size())) : List.of(),
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
                  List.of(),
                  null);
            });
    return new Column(column.name(), column.type(), column.shape(), column.whole(), profile);
  }
}
