package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.table.ColumnNames;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A caller's Parquet file to ours: types narrowed to our few, nested lists to tensors. */
final class ParquetIngestion {
  private final Path source;
  private final IngestOptions options;
  private final String from;

  ParquetIngestion(Path source, IngestOptions options) {
    this.source = source;
    this.options = options;
    this.from = ParquetFile.read(source);
  }

  /** A column as the file has it. */
  private record Found(String name, String type) {
    String sql() {
      return DuckDb.quoted(name);
    }
  }

  IngestedTable ingest(DuckDb duck, Path parquet) {
    try {
      List<Found> found = found(duck);
      ColumnNames.check(found.stream().map(Found::name).toList());
      long rows = duck.query("SELECT count(*) FROM " + from, DuckDb::firstLong);
      if (rows == 0) {
        throw refused("There are no rows");
      }
      List<IngestedTable.Entry> columns = new ArrayList<>();
      List<String> selected = new ArrayList<>();
      for (Found column : found) {
        add(duck, column, columns, selected);
      }
      duck.execute(
          ParquetFile.copy(
              "SELECT " + String.join(", ", selected) + " FROM " + from, columns, parquet));
      return new IngestedTable(columns, rows, 0);
    } catch (SQLException e) {
      throw damaged(e);
    }
  }

  /** A damaged file makes DuckDB fail in ways it calls internal; they are the file's. */
  private static ServiceException damaged(SQLException e) {
    return DuckDb.isOutOfSpace(e)
        ? DuckDb.failure(e)
        : refused(
            "The Parquet file cannot be read: "
                + DuckDb.message(e).replaceFirst("^[A-Za-z]*Exception: ", ""));
  }

  private List<Found> found(DuckDb duck) throws SQLException {
    Set<String> written = new HashSet<>();
    duck.query(
        "SELECT name FROM parquet_schema(" + DuckDb.literal(source) + ")",
        rows -> {
          while (rows.next()) {
            written.add(rows.getString(1));
          }
          return written;
        });
    return duck.query(
        "DESCRIBE SELECT * FROM " + from,
        rows -> {
          List<Found> found = new ArrayList<>();
          while (rows.next()) {
            if (!written.contains(rows.getString(1))) {
              // DuckDB has renamed the second of two columns of one name.
              throw refused("Two columns have one name, near '" + rows.getString(1) + "'");
            }
            found.add(new Found(rows.getString(1), rows.getString(2)));
          }
          return found;
        });
  }

  private static ServiceException refused(String detail) {
    return new ServiceException(ErrorCode.INVALID_ROWS, detail, List.of(new Violation("", detail)));
  }

  private void add(
      DuckDb duck, Found column, List<IngestedTable.Entry> columns, List<String> selected)
      throws SQLException {
    String stored = IngestedTable.storedName(columns.size());
    if (column.type().endsWith("]")) {
      IngestedTable.Entry tensor = tensor(duck, column);
      columns.add(tensor);
      selected.add(flat(column, tensor) + " AS " + stored);
      return;
    }
    ColumnType type = type(duck, column);
    ColumnType forced = options.types().get(column.name());
    if (forced == ColumnType.STRING) {
      type = ColumnType.STRING;
    }
    columns.add(new IngestedTable.Entry(column.name(), type, null, type == ColumnType.INTEGER));
    selected.add(scalar(column, type) + " AS " + stored);
  }

  private ColumnType type(DuckDb duck, Found column) throws SQLException {
    String type = column.type().toUpperCase(Locale.ROOT);
    return switch (type.replaceAll("\\(.*", "")) {
      case "BOOLEAN" -> ColumnType.BOOLEAN;
      case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" ->
          ColumnType.INTEGER;
      case "UBIGINT", "HUGEINT", "UHUGEINT" -> large(duck, column);
      case "FLOAT", "DOUBLE", "DECIMAL" -> {
        check(duck, column, "isinf(CAST(" + column.sql() + " AS DOUBLE))", "holds an infinity");
        yield ColumnType.NUMBER;
      }
      case "VARCHAR", "ENUM", "UUID" -> {
        check(
            duck,
            column,
            "contains(CAST(" + column.sql() + " AS VARCHAR), chr(0))",
            "holds U+0000");
        yield ColumnType.STRING;
      }
      case "DATE",
          "TIMESTAMP",
          "TIMESTAMP_S",
          "TIMESTAMP_MS",
          "TIMESTAMP_NS",
          "TIMESTAMP WITH TIME ZONE" ->
          ColumnType.TIMESTAMP;
      default ->
          throw refused(
              "Column '"
                  + column.name()
                  + "' has the type "
                  + column.type()
                  + ", which is not taken");
    };
  }

  /** Whole numbers that may not fit: kept when they do, else numbers. */
  private ColumnType large(DuckDb duck, Found column) throws SQLException {
    long beyond =
        duck.query(
            "SELECT count(*) FROM "
                + from
                + " WHERE "
                + column.sql()
                + " IS NOT NULL AND TRY_CAST("
                + column.sql()
                + " AS BIGINT) IS NULL",
            DuckDb::firstLong);
    return beyond == 0 ? ColumnType.INTEGER : ColumnType.NUMBER;
  }

  private void check(DuckDb duck, Found column, String bad, String what) throws SQLException {
    long row =
        duck.query(
            "SELECT coalesce(min(file_row_number), -1) FROM read_parquet("
                + DuckDb.literal(source)
                + ", file_row_number = true) WHERE "
                + bad,
            DuckDb::firstLong);
    if (row >= 0) {
      throw refused("Row " + (row + 1) + ", column '" + column.name() + "': it " + what);
    }
  }

  private static String scalar(Found column, ColumnType type) {
    String sql = column.sql();
    return switch (type) {
      case INTEGER -> "CAST(" + sql + " AS BIGINT)";
      case NUMBER ->
          "CASE WHEN isnan(CAST("
              + sql
              + " AS DOUBLE)) THEN NULL ELSE CAST("
              + sql
              + " AS DOUBLE) END";
      case BOOLEAN -> sql;
      case STRING, TENSOR -> "CAST(" + sql + " AS VARCHAR)";
      case TIMESTAMP -> "CAST(" + sql + " AS TIMESTAMP)";
    };
  }

  /** The shape all rows of a list column have, or a refusal. */
  private IngestedTable.Entry tensor(DuckDb duck, Found column) throws SQLException {
    String elements =
        "SELECT " + column.sql() + " AS e FROM " + from + " WHERE " + column.sql() + " IS NOT NULL";
    String type = column.type();
    List<Integer> dims = new ArrayList<>();
    while (type.endsWith("]")) {
      type = type.substring(0, type.lastIndexOf('['));
      String level = elements;
      long[] lengths =
          duck.query(
              "SELECT min(len(e)), max(len(e)), count(*) FILTER (e IS NULL), count(*) FROM ("
                  + level
                  + ")",
              row -> {
                row.next();
                return new long[] {row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)};
              });
      boolean even = lengths[0] == lengths[1] && lengths[2] == 0 && lengths[0] > 0;
      if (!even) {
        throw refused(
            "Column '"
                + column.name()
                + "' holds "
                + (lengths[3] == 0
                    ? "no values"
                    : lengths[2] > 0
                        ? "lists with missing elements"
                        : lengths[1] == 0
                            ? "empty lists"
                            : "lists of " + lengths[0] + " to " + lengths[1] + " elements")
                + "; lists of one shape were expected");
      }
      dims.add((int) lengths[0]);
      elements = "SELECT unnest(e) AS e FROM (" + level + ")";
    }
    boolean whole = type.toUpperCase(Locale.ROOT).matches("U?(TINY|SMALL|BIG)?INT(EGER)?");
    if (!whole && !type.toUpperCase(Locale.ROOT).matches("FLOAT|DOUBLE|DECIMAL.*")) {
      throw refused(
          "Column '" + column.name() + "' holds lists of " + type + "; numbers were expected");
    }
    long bad =
        duck.query(
            "SELECT count(*) FROM ("
                + elements
                + ") WHERE e IS NULL"
                + (whole ? "" : " OR NOT isfinite(CAST(e AS DOUBLE))"),
            DuckDb::firstLong);
    if (bad > 0) {
      throw refused(
          "Column '" + column.name() + "' holds " + bad + " elements that are no finite numbers");
    }
    return new IngestedTable.Entry(
        column.name(), ColumnType.TENSOR, new Shape(dims), whole && !type.equals("UBIGINT"));
  }

  private static String flat(Found column, IngestedTable.Entry tensor) {
    String flat = column.sql();
    Shape shape = tensor.shape();
    for (int i = 1; shape != null && i < shape.rank(); i++) {
      flat = "flatten(CAST(" + flat + " AS " + listType(column.type(), i) + "))";
    }
    return "CAST(" + flat + " AS " + IngestedTable.sqlType(tensor) + ")";
  }

  /** The type as lists of any length, {@code flattened − 1} levels taken away. */
  private static String listType(String type, int flattened) {
    String lists = type.replaceAll("\\[[0-9]*\\]", "[]");
    return lists.substring(0, lists.length() - 2 * (flattened - 1));
  }
}
