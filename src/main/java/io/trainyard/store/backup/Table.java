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
 * @param columns the kind of each
 * @param key the columns of the primary key
 * @param identity the column whose values the database counts up; empty for none
 */
record Table(String name, Map<String, Kind> columns, List<String> key, String identity) {
  /** What belongs to the process or the installation, not to its data. */
  private static final Set<String> LEFT_OUT =
      Set.of("flyway_schema_history", "database_identity", "running_backups", "orphan_objects");

  /** How a value is written. */
  enum Kind {
    BOOLEAN,
    WHOLE,
    NUMBER,
    TEXT,
    TIME,
    BYTES
  }

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
      needed.put(name.getKey(), references(database, schema, name.getValue()));
    }
    return ordered(tables, needed);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static Table read(DatabaseMetaData database, String schema, String name)
      throws SQLException {
    Map<String, Kind> columns = new LinkedHashMap<>();
    String identity = "";
    try (ResultSet found = database.getColumns(null, schema, name, "%")) {
      while (found.next()) {
        String column = lower(found.getString("COLUMN_NAME"));
        columns.put(column, kind(found.getInt("DATA_TYPE"), found.getString("TYPE_NAME")));
        if ("YES".equals(found.getString("IS_AUTOINCREMENT"))) {
          identity = column;
        }
      }
    }
    Map<Integer, String> key = new TreeMap<>();
    try (ResultSet found = database.getPrimaryKeys(null, schema, name)) {
      while (found.next()) {
        key.put(found.getInt("KEY_SEQ"), lower(found.getString("COLUMN_NAME")));
      }
    }
    return new Table(lower(name), columns, List.copyOf(key.values()), identity);
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

  private static Set<String> references(DatabaseMetaData database, String schema, String name)
      throws SQLException {
    Set<String> others = new LinkedHashSet<>();
    try (ResultSet found = database.getImportedKeys(null, schema, name)) {
      while (found.next()) {
        others.add(lower(found.getString("PKTABLE_NAME")));
      }
    }
    others.remove(lower(name));
    return others;
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

  String insert(List<String> given) {
    return "insert into %s (%s) values (%s)"
        .formatted(
            name,
            String.join(", ", given),
            String.join(", ", given.stream().map(_ -> "?").toList()));
  }
}
