package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.tensor.Shape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A column of nested lists, all of one shape, which becomes a column of tensors.
 *
 * @param column the column in the caller's file
 * @param entry the column of tensors
 */
record ListColumn(SourceColumn column, IngestedTable.Entry entry) {
  /** Finds the shape of all rows; refuses lists of different shapes or without finite numbers. */
  static ListColumn measure(DuckDb duck, SourceColumn column, String from) throws SQLException {
    String elements =
        "select %1$s as e from %2$s where %1$s is not null".formatted(column.sql(), from);
    String type = column.type();
    List<Integer> dims = new ArrayList<>();
    while (type.endsWith("]")) {
      type = type.substring(0, type.lastIndexOf('['));
      dims.add(length(duck, column, elements));
      elements = "select unnest(e) as e from (" + elements + ")";
    }
    String element = type.toUpperCase(Locale.ROOT);
    boolean whole = element.matches("U?(TINY|SMALL|BIG)?INT(EGER)?");
    if (!whole && !element.matches("FLOAT|DOUBLE|DECIMAL.*")) {
      throw refused(column, "lists of " + type + "; numbers were expected");
    }
    checkFinite(duck, column, elements, whole);
    return new ListColumn(
        column,
        new IngestedTable.Entry(
            column.name(),
            ColumnType.TENSOR,
            new Shape(dims),
            whole && !element.equals("UBIGINT")));
  }

  /** The length of all lists on one level. */
  private static int length(DuckDb duck, SourceColumn column, String lists) throws SQLException {
    Lengths lengths =
        duck.query(
            """
            select min(len(e)), max(len(e)), count(*) filter (e is null), count(*) from (%s)\
            """
                .formatted(lists),
            row -> {
              row.next();
              return new Lengths(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
            });
    if (!lengths.areEqual()) {
      throw refused(column, lengths + "; lists of one shape were expected");
    }
    return (int) lengths.min();
  }

  private record Lengths(long min, long max, long missing, long count) {
    boolean areEqual() {
      return min == max && missing == 0 && min > 0;
    }

    @Override
    public String toString() {
      if (count == 0) {
        return "no values";
      }
      if (missing > 0) {
        return "lists with missing elements";
      }
      return max == 0 ? "empty lists" : "lists of " + min + " to " + max + " elements";
    }
  }

  private static void checkFinite(DuckDb duck, SourceColumn column, String elements, boolean whole)
      throws SQLException {
    String bad = whole ? "e is null" : "e is null or not isfinite(cast(e as double))";
    long count =
        duck.query(
            "select count(*) from (%s) where %s".formatted(elements, bad), DuckDb::firstLong);
    if (count > 0) {
      throw refused(column, count + " elements that are not finite numbers");
    }
  }

  private static ServiceException refused(SourceColumn column, String content) {
    return ServiceException.invalidRows("Column '" + column.name() + "' holds " + content);
  }

  /** The tensors in SQL, as flat lists. */
  String flattened() {
    String flat = column.sql();
    Shape shape = entry.shape();
    for (int i = 1; shape != null && i < shape.rank(); i++) {
      flat = "flatten(cast(" + flat + " as " + listType(column.type(), i) + "))";
    }
    return "cast(" + flat + " as " + IngestedTable.sqlType(entry) + ")";
  }

  /** The type as lists of any length, {@code flattened − 1} levels removed. */
  private static String listType(String type, int flattened) {
    String lists = type.replaceAll("\\[[0-9]*\\]", "[]");
    return lists.substring(0, lists.length() - 2 * (flattened - 1));
  }
}
