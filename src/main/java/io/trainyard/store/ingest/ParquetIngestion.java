package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.table.ColumnNames;
import io.trainyard.store.table.WideParquet;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Converts a caller's Parquet file to ours: fewer types, and tensors for nested lists. */
final class ParquetIngestion {
  /** Columns that one query of aggregates describes. */
  private static final int TOGETHER = 500;

  /** Marks a message of a copy that ends at a bad value. */
  private static final String FAULT = "a value is not supported: row ";

  private final Path source;
  private final IngestOptions options;
  private final String from;
  private final String numbered;

  ParquetIngestion(Path source, IngestOptions options) {
    this.source = source;
    this.options = options;
    this.from = ParquetFile.read(source);
    this.numbered = "read_parquet(" + DuckDb.literal(source) + ", file_row_number = true)";
  }

  IngestedTable ingest(DuckDb duck, Path parquet) {
    try {
      List<SourceColumn> found = found(duck);
      ColumnNames.check(found.stream().map(SourceColumn::name).toList());
      checkTypes(found);
      long rows = duck.query("select count(*) from " + from, DuckDb::firstLong);
      if (rows == 0) {
        throw ServiceException.invalidRows("There are no rows");
      }
      List<IngestedTable.Entry> columns = new ArrayList<>();
      List<String> selected = new ArrayList<>();
      Set<String> beyond = beyondLong(duck, found);
      for (SourceColumn column : found) {
        RunningTask.checkCancelled();
        add(duck, column, beyond, columns, selected);
      }
      // A file may have a column with the name that the numbers of rows take.
      boolean names = selected.stream().anyMatch(sql -> sql.contains(FAULT));
      String rowsFrom = names ? numbered : from;
      write(duck, rowsFrom, columns, selected, rows, parquet);
      return new IngestedTable(columns, rows, 0);
    } catch (SQLException e) {
      throw damaged(e);
    }
  }

  private static void write(
      DuckDb duck,
      String from,
      List<IngestedTable.Entry> columns,
      List<String> selected,
      long rows,
      Path parquet)
      throws SQLException {
    if (WideParquet.suits(columns) && !WideParquet.hasTensors(columns)) {
      WideCopy wide = new WideCopy(duck, from, columns, selected, rows);
      if (wide.suits()) {
        wide.write(parquet);
        return;
      }
    }
    duck.execute(
        ParquetFile.copy(
            "select " + String.join(", ", selected) + " from " + from, columns, parquet));
  }

  /** DuckDB reports some damaged files as internal errors; the file is at fault. */
  private static ServiceException damaged(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int fault = message.indexOf(FAULT);
    if (fault >= 0) {
      return ServiceException.invalidRows(
          "Row " + message.substring(fault + FAULT.length()).lines().findFirst().orElse(""));
    }
    return DuckDb.isOutOfSpace(e)
        ? DuckDb.failure(e)
        : ServiceException.invalidRows(
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
              throw ServiceException.invalidRows(
                  "Two columns have the same name, near '" + rows.getString(1) + "'");
            }
            found.add(new SourceColumn(rows.getString(1), rows.getString(2)));
          }
          return found;
        });
  }

  private void add(
      DuckDb duck,
      SourceColumn column,
      Set<String> beyond,
      List<IngestedTable.Entry> columns,
      List<String> selected)
      throws SQLException {
    String stored = IngestedTable.storedName(columns.size());
    if (column.type().endsWith("]")) {
      ListColumn list = ListColumn.measure(duck, column, from);
      columns.add(list.entry());
      selected.add(list.flattened() + " as " + stored);
      return;
    }
    ColumnType type = wanted(column, type(column, beyond));
    columns.add(new IngestedTable.Entry(column.name(), type, null, type == ColumnType.INTEGER));
    selected.add(scalar(column, type) + " as " + stored);
  }

  /** The type that the caller asks for, if values of the found one fit into it. */
  private ColumnType wanted(SourceColumn column, ColumnType found) {
    ColumnType forced = options.types().getOrDefault(column.name(), found);
    boolean wider = found == ColumnType.INTEGER && forced == ColumnType.NUMBER;
    if (forced != found && forced != ColumnType.STRING && !wider) {
      throw ServiceException.invalidRows(
          "Column '%s' holds %s values and cannot be read as %s; as string and as itself it can"
              .formatted(column.name(), word(found), word(forced)));
    }
    return forced;
  }

  private void checkTypes(List<SourceColumn> found) {
    for (String named : options.types().keySet()) {
      SourceColumn column =
          found.stream().filter(each -> each.name().equals(named)).findFirst().orElse(null);
      if (column == null) {
        throw ServiceException.invalidRows(
            "There is no column '" + named + "', which the option 'types' names");
      }
      if (column.type().endsWith("]")) {
        throw ServiceException.invalidRows(
            "Column '" + named + "' holds lists: the option 'types' is for single values");
      }
    }
  }

  private static String word(ColumnType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private static ColumnType type(SourceColumn column, Set<String> beyond) {
    return switch (kind(column)) {
      case "BOOLEAN" -> ColumnType.BOOLEAN;
      case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" ->
          ColumnType.INTEGER;
      case "UBIGINT", "HUGEINT", "UHUGEINT" ->
          beyond.contains(column.name()) ? ColumnType.NUMBER : ColumnType.INTEGER;
      case "FLOAT", "DOUBLE", "DECIMAL" -> ColumnType.NUMBER;
      case "VARCHAR", "ENUM", "UUID" -> ColumnType.STRING;
      case "DATE",
          "TIMESTAMP",
          "TIMESTAMP_S",
          "TIMESTAMP_MS",
          "TIMESTAMP_NS",
          "TIMESTAMP WITH TIME ZONE" ->
          ColumnType.TIMESTAMP;
      default ->
          throw ServiceException.invalidRows(
              "Column '%s' has the type %s, which is not supported"
                  .formatted(column.name(), column.type()));
    };
  }

  /** The type without its parameters. */
  private static String kind(SourceColumn column) {
    return column.type().toUpperCase(Locale.ROOT).replaceAll("\\(.*", "");
  }

  /** The columns of large integers with a value beyond 64 bits with sign: these hold numbers. */
  private Set<String> beyondLong(DuckDb duck, List<SourceColumn> found) throws SQLException {
    List<SourceColumn> large =
        found.stream()
            .filter(c -> Set.of("UBIGINT", "HUGEINT", "UHUGEINT").contains(kind(c)))
            .toList();
    Set<String> beyond = new HashSet<>();
    for (int first = 0; first < large.size(); first += TOGETHER) {
      List<SourceColumn> some = large.subList(first, Math.min(first + TOGETHER, large.size()));
      String counts =
          some.stream()
              .map(SourceColumn::sql)
              .map(
                  c ->
                      "count(*) filter (where %1$s is not null and try_cast(%1$s as bigint) is null)"
                          .formatted(c))
              .collect(Collectors.joining(", "));
      duck.query(
          "select " + counts + " from " + from,
          row -> {
            row.next();
            for (int i = 0; i < some.size(); i++) {
              if (row.getLong(i + 1) > 0) {
                beyond.add(some.get(i).name());
              }
            }
            return beyond;
          });
    }
    return beyond;
  }

  /** Ends the copy with a message, which starts with a mark. */
  private static String fault(SourceColumn column, String what) {
    return "error('%s' || (file_row_number + 1) || %s)"
        .formatted(FAULT, DuckDb.literal(", column '" + column.name() + "': " + what));
  }

  private static String scalar(SourceColumn column, ColumnType type) {
    String sql = column.sql();
    return switch (type) {
      case INTEGER -> "cast(" + sql + " as bigint)";
      case NUMBER ->
          "case when isinf(cast(%1$s as double)) then %2$s when isnan(cast(%1$s as double)) then null else cast(%1$s as double) end"
              .formatted(sql, fault(column, "it holds an infinity"));
      case BOOLEAN -> sql;
      case STRING, TENSOR ->
          "case when contains(cast(%1$s as varchar), chr(0)) then %2$s else cast(%1$s as varchar) end"
              .formatted(sql, fault(column, "it holds U+0000"));
      case TIMESTAMP -> "cast(" + sql + " as timestamp)";
    };
  }
}
