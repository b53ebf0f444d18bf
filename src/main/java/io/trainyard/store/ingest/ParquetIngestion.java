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
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Converts a caller's Parquet file to ours: fewer types, and tensors for nested lists. */
final class ParquetIngestion {
  private final Path source;
  private final IngestOptions options;
  private final String from;

  ParquetIngestion(Path source, IngestOptions options) {
    this.source = source;
    this.options = options;
    this.from = ParquetFile.read(source);
  }

  IngestedTable ingest(DuckDb duck, Path parquet) {
    try {
      List<SourceColumn> found = found(duck);
      ColumnNames.check(found.stream().map(SourceColumn::name).toList());
      long rows = duck.query("select count(*) from " + from, DuckDb::firstLong);
      if (rows == 0) {
        throw refused("There are no rows");
      }
      List<IngestedTable.Entry> columns = new ArrayList<>();
      List<String> selected = new ArrayList<>();
      for (SourceColumn column : found) {
        add(duck, column, columns, selected);
      }
      duck.execute(
          ParquetFile.copy(
              "select " + String.join(", ", selected) + " from " + from, columns, parquet));
      return new IngestedTable(columns, rows, 0);
    } catch (SQLException e) {
      throw damaged(e);
    }
  }

  /** DuckDB reports some damaged files as internal errors; the file is at fault. */
  private static ServiceException damaged(SQLException e) {
    return DuckDb.isOutOfSpace(e)
        ? DuckDb.failure(e)
        : refused(
            "The Parquet file cannot be read: "
                + DuckDb.message(e).replaceFirst("^[A-Za-z]*Exception: ", ""));
  }

  private List<SourceColumn> found(DuckDb duck) throws SQLException {
    Set<String> written = new HashSet<>();
    duck.query(
        "select name from parquet_schema(" + DuckDb.literal(source) + ")",
        rows -> {
          while (rows.next()) {
            written.add(rows.getString(1));
          }
          return written;
        });
    return duck.query(
        "describe select * from " + from,
        rows -> {
          List<SourceColumn> found = new ArrayList<>();
          while (rows.next()) {
            if (!written.contains(rows.getString(1))) {
              // DuckDB renames the second of two columns with the same name.
              throw refused("Two columns have the same name, near '" + rows.getString(1) + "'");
            }
            found.add(new SourceColumn(rows.getString(1), rows.getString(2)));
          }
          return found;
        });
  }

  static ServiceException refused(String detail) {
    return new ServiceException(ErrorCode.INVALID_ROWS, detail, List.of(new Violation("", detail)));
  }

  private void add(
      DuckDb duck, SourceColumn column, List<IngestedTable.Entry> columns, List<String> selected)
      throws SQLException {
    String stored = IngestedTable.storedName(columns.size());
    if (column.type().endsWith("]")) {
      ListColumn list = ListColumn.measure(duck, column, from);
      columns.add(list.entry());
      selected.add(list.flattened() + " as " + stored);
      return;
    }
    ColumnType type = type(duck, column);
    ColumnType forced = options.types().get(column.name());
    if (forced == ColumnType.STRING) {
      type = ColumnType.STRING;
    }
    columns.add(new IngestedTable.Entry(column.name(), type, null, type == ColumnType.INTEGER));
    selected.add(scalar(column, type) + " as " + stored);
  }

  private ColumnType type(DuckDb duck, SourceColumn column) throws SQLException {
    String type = column.type().toUpperCase(Locale.ROOT);
    return switch (type.replaceAll("\\(.*", "")) {
      case "BOOLEAN" -> ColumnType.BOOLEAN;
      case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" ->
          ColumnType.INTEGER;
      case "UBIGINT", "HUGEINT", "UHUGEINT" -> large(duck, column);
      case "FLOAT", "DOUBLE", "DECIMAL" -> {
        check(duck, column, "isinf(cast(" + column.sql() + " as double))", "holds an infinity");
        yield ColumnType.NUMBER;
      }
      case "VARCHAR", "ENUM", "UUID" -> {
        check(
            duck,
            column,
            "contains(cast(" + column.sql() + " as varchar), chr(0))",
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
              "Column '%s' has the type %s, which is not supported"
                  .formatted(column.name(), column.type()));
    };
  }

  /** Integers when all values fit in 64 bits with sign, otherwise numbers. */
  private ColumnType large(DuckDb duck, SourceColumn column) throws SQLException {
    long beyond =
        duck.query(
            """
            select count(*) from %1$s
            where %2$s is not null and try_cast(%2$s as bigint) is null\
            """
                .formatted(from, column.sql()),
            DuckDb::firstLong);
    return beyond == 0 ? ColumnType.INTEGER : ColumnType.NUMBER;
  }

  private void check(DuckDb duck, SourceColumn column, String bad, String what)
      throws SQLException {
    long row =
        duck.query(
            """
            select coalesce(min(file_row_number), -1)
            from read_parquet(%s, file_row_number = true) where %s\
            """
                .formatted(DuckDb.literal(source), bad),
            DuckDb::firstLong);
    if (row >= 0) {
      throw refused("Row " + (row + 1) + ", column '" + column.name() + "': it " + what);
    }
  }

  private static String scalar(SourceColumn column, ColumnType type) {
    String sql = column.sql();
    return switch (type) {
      case INTEGER -> "cast(" + sql + " as bigint)";
      case NUMBER ->
          "case when isnan(cast(%1$s as double)) then null else cast(%1$s as double) end"
              .formatted(sql);
      case BOOLEAN -> sql;
      case STRING, TENSOR -> "cast(" + sql + " as varchar)";
      case TIMESTAMP -> "cast(" + sql + " as timestamp)";
    };
  }
}
