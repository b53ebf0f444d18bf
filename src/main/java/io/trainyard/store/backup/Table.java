package io.trainyard.store.backup;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A table of either database, with names in lower case.
 *
 * @param columns by name
 * @param key the columns of the primary key
 * @param uniques columns whose values together no other row has
 * @param identity the column whose values the database counts up; empty for none
 */
record Table(
    String name,
    Map<String, Column> columns,
    List<String> key,
    List<Reference> references,
    List<List<String>> uniques,
    String identity) {
  /** What belongs to the process or the installation, not to its data. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "flyway_schema_history",
          "database_identity",
          "running_backups",
          "orphan_objects",
          "workers");

  /** How a value is written. */
  enum Kind {
    BOOLEAN,
    WHOLE,
    NUMBER,
    TEXT,
    TIME,
    BYTES
  }

  /**
   * A column.
   *
   * @param size of the longest text, in characters
   * @param most the largest whole number
   * @param isRequired whether a row must have the column
   */
  record Column(Kind kind, long size, long most, boolean isNullable, boolean isRequired) {}

  /** Columns whose values a row of another table has. */
  record Reference(List<String> columns, String table, List<String> key) {}

  /** All tables; one that others refer to comes before them. */
  static List<Table> all(Connection connection) throws SQLException {
    DatabaseMetaData database = connection.getMetaData();
    String schema = connection.getSchema();
    Map<String, String> names = new TreeMap<>();
    try (ResultSet found =
        database.getTables(null, schema, "%", new String[] {"TABLE", "BASE TABLE"})) {
      while (found.next()) {
        String name = found.getString("TABLE_NAME");
        if (!LEFT_OUT.contains(lower(name))) {
          names.put(lower(name), name);
        }
      }
    }
    Map<String, Set<String>> needed = new LinkedHashMap<>();
    Map<String, Table> tables = new LinkedHashMap<>();
    for (Map.Entry<String, String> name : names.entrySet()) {
      tables.put(name.getKey(), read(database, schema, name.getValue()));
      Set<String> others = new LinkedHashSet<>();
      tables.get(name.getKey()).references().forEach(reference -> others.add(reference.table()));
      others.remove(name.getKey());
      needed.put(name.getKey(), others);
    }
    return ordered(tables, needed);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static Table read(DatabaseMetaData database, String schema, String name)
      throws SQLException {
    Map<String, Column> columns = new LinkedHashMap<>();
    String identity = "";
    try (ResultSet found = database.getColumns(null, schema, name, "%")) {
      while (found.next()) {
        String column = lower(found.getString("COLUMN_NAME"));
        boolean counted = "YES".equals(found.getString("IS_AUTOINCREMENT"));
        if (counted) {
          identity = column;
        }
        columns.put(column, column(found, counted));
      }
    }
    Map<Integer, String> key = new TreeMap<>();
    try (ResultSet found = database.getPrimaryKeys(null, schema, name)) {
      while (found.next()) {
        key.put(found.getInt("KEY_SEQ"), lower(found.getString("COLUMN_NAME")));
      }
    }
    return new Table(
        lower(name),
        columns,
        List.copyOf(key.values()),
        references(database, schema, name),
        uniques(database, schema, name),
        identity);
  }

  private static Column column(ResultSet found, boolean counted) throws SQLException {
    int type = found.getInt("DATA_TYPE");
    boolean nullable = found.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls;
    boolean filled = counted || found.getString("COLUMN_DEF") != null;
    long most =
        switch (type) {
          case Types.TINYINT -> Byte.MAX_VALUE;
          case Types.SMALLINT -> Short.MAX_VALUE;
          case Types.INTEGER -> Integer.MAX_VALUE;
          default -> Long.MAX_VALUE;
        };
    return new Column(
        kind(type, found.getString("TYPE_NAME")),
        found.getLong("COLUMN_SIZE"),
        most,
        nullable,
        !nullable && !filled);
  }

  private static Kind kind(int type, String name) {
    return switch (type) {
      case Types.BOOLEAN, Types.BIT -> Kind.BOOLEAN;
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Kind.WHOLE;
      case Types.REAL, Types.FLOAT, Types.DOUBLE -> Kind.NUMBER;
      case Types.TIMESTAMP_WITH_TIMEZONE, Types.TIMESTAMP -> Kind.TIME;
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> Kind.BYTES;
      case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR, Types.CLOB -> Kind.TEXT;
      default -> throw new IllegalStateException("a backup knows no columns of type " + name);
    };
  }

  private static List<Reference> references(DatabaseMetaData database, String schema, String name)
      throws SQLException {
    Map<String, Reference> references = new LinkedHashMap<>();
    try (ResultSet found = database.getImportedKeys(null, schema, name)) {
      while (found.next()) {
        String other = lower(found.getString("PKTABLE_NAME"));
        Reference reference =
            references.computeIfAbsent(
                found.getString("FK_NAME"),
                _ -> new Reference(new ArrayList<>(), other, new ArrayList<>()));
        reference.columns().add(lower(found.getString("FKCOLUMN_NAME")));
        reference.key().add(lower(found.getString("PKCOLUMN_NAME")));
      }
    }
    return List.copyOf(references.values());
  }

  private static List<List<String>> uniques(DatabaseMetaData database, String schema, String name)
      throws SQLException {
    Map<String, List<String>> uniques = new LinkedHashMap<>();
    try (ResultSet found = database.getIndexInfo(null, schema, name, true, true)) {
      while (found.next()) {
        String column = found.getString("COLUMN_NAME");
        if (column != null) {
          uniques
              .computeIfAbsent(found.getString("INDEX_NAME"), _ -> new ArrayList<>())
              .add(lower(column));
        }
      }
    }
    return List.copyOf(uniques.values());
  }

  private static List<Table> ordered(Map<String, Table> tables, Map<String, Set<String>> needed) {
    List<Table> ordered = new ArrayList<>();
    Set<String> done = new LinkedHashSet<>();
    while (done.size() < tables.size()) {
      int before = done.size();
      tables.forEach(
          (name, table) -> {
            if (!done.contains(name) && done.containsAll(needed.getOrDefault(name, Set.of()))) {
              done.add(name);
              ordered.add(table);
            }
          });
      if (done.size() == before) {
        throw new IllegalStateException("tables refer to each other in a circle");
      }
    }
    return ordered;
  }

  /** All rows; one that others of the table refer to comes before them. */
  String select() {
    return "select "
        + String.join(", ", columns.keySet())
        + " from "
        + name
        + (key.isEmpty() ? "" : " order by " + String.join(", ", key));
  }

  String selectKeys() {
    return "select " + String.join(", ", key) + " from " + name;
  }

  /** How many rows of a table have some values. */
  static String count(String table, List<String> columns) {
    return "select count(*) from "
        + table
        + " where "
        + String.join(" and ", columns.stream().map(column -> column + " = ?").toList());
  }

  String insert(List<String> given) {
    return "insert into %s (%s) values (%s)"
        .formatted(
            name,
            String.join(", ", given),
            String.join(", ", given.stream().map(_ -> "?").toList()));
  }
}
