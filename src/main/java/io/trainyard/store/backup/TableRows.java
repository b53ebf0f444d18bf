package io.trainyard.store.backup;

import io.trainyard.error.ServiceException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The rows of a table as a file with a JSON object a line. */
record TableRows(Table table) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int FETCHED = 200;
  private static final int BATCH = 200;

  /** What a scheduler notes about a task that a process runs now. */
  private static final Map<String, JsonNode> OF_NO_PROCESS =
      Map.of(
          "picked", JsonNodeFactory.instance.booleanNode(false),
          "picked_by", JsonNodeFactory.instance.nullNode(),
          "last_heartbeat", JsonNodeFactory.instance.nullNode());

  private static final String SCHEDULE = "scheduled_tasks";

  /**
   * Writes all rows.
   *
   * @param reader sees each row
   * @return their number
   */
  long write(Connection connection, BufferedWriter out, Consumer<ObjectNode> reader)
      throws SQLException, IOException {
    long rows = 0;
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(FETCHED);
      try (ResultSet found = statement.executeQuery(table.select())) {
        while (found.next()) {
          ObjectNode row = JsonNodeFactory.instance.objectNode();
          for (String column : table.columns().keySet()) {
            row.set(column, read(found, column, kind(column)));
          }
          if (table.name().equals(SCHEDULE)) {
            row.setAll(OF_NO_PROCESS);
          }
          reader.accept(row);
          out.write(MAPPER.writeValueAsString(row));
          out.write('\n');
          rows++;
        }
      }
    }
    return rows;
  }

  private static JsonNode read(ResultSet row, String column, Table.Kind kind) throws SQLException {
    JsonNodeFactory json = JsonNodeFactory.instance;
    JsonNode value =
        switch (kind) {
          case BOOLEAN -> json.booleanNode(row.getBoolean(column));
          case WHOLE -> json.numberNode(row.getLong(column));
          case NUMBER -> json.numberNode(row.getDouble(column));
          case TEXT -> text(row.getString(column));
          case TIME -> time(row.getObject(column, OffsetDateTime.class));
          case BYTES -> bytes(row.getBytes(column));
        };
    return row.wasNull() ? json.nullNode() : value;
  }

  private static JsonNode text(@Nullable String value) {
    return value == null
        ? JsonNodeFactory.instance.nullNode()
        : JsonNodeFactory.instance.stringNode(value);
  }

  private static JsonNode time(@Nullable OffsetDateTime value) {
    return text(value == null ? null : value.withOffsetSameInstant(ZoneOffset.UTC).toString());
  }

  private static JsonNode bytes(byte @Nullable [] value) {
    return text(value == null ? null : Base64.getEncoder().encodeToString(value));
  }

  /**
   * Reads all rows of a file, and checks each.
   *
   * @param reader sees each row
   */
  Contents read(Path file, Consumer<JsonNode> reader) throws IOException {
    RowCheck check = new RowCheck(table);
    long largest = 0;
    try (RowReader rows = new RowReader(table, file)) {
      for (ObjectNode row = rows.next(); row != null; row = rows.next()) {
        check.check(row, rows.place());
        reader.accept(row);
        largest = Math.max(largest, row.path(table.identity()).asLong(0));
      }
      return new Contents(rows.rows(), largest);
    }
  }

  /**
   * What was read.
   *
   * @param largest the largest value of the identity column; 0 for none
   */
  record Contents(long rows, long largest) {}

  /**
   * Inserts all rows of a file, which were checked. Columns that the file lacks, because it is
   * older, get their defaults; rows whose key is taken, as that of an access key of this
   * installation, are left out.
   *
   * @return the number of rows inserted
   */
  long insert(Connection connection, Path file) throws SQLException, IOException {
    long inserted = 0;
    try (RowReader rows = new RowReader(table, file)) {
      ObjectNode row = rows.next();
      if (row == null) {
        return 0;
      }
      List<String> given = rows.columns();
      Set<List<String>> taken = keys(connection);
      List<Placed> waiting = new ArrayList<>();
      try (PreparedStatement insert = connection.prepareStatement(table.insert(given))) {
        for (; row != null; row = rows.next()) {
          if (taken.contains(key(row))) {
            continue;
          }
          waiting.add(new Placed(rows.place(), row));
          inserted++;
          if (waiting.size() == BATCH) {
            insert(connection, insert, given, waiting);
            waiting.clear();
          }
        }
        insert(connection, insert, given, waiting);
      }
    }
    return inserted;
  }

  private record Placed(String place, ObjectNode row) {}

  private void insert(
      Connection connection, PreparedStatement insert, List<String> given, List<Placed> rows)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      for (Placed each : rows) {
        fill(insert, given, each.row());
        insert.addBatch();
      }
      int[] _ = insert.executeBatch();
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      if (!isRefused(e)) {
        throw e;
      }
      connection.rollback(before);
      insert.clearBatch();
      for (Placed each : rows) {
        insertAlone(connection, insert, given, each);
      }
    }
  }

  private static boolean isRefused(SQLException e) {
    return JdbcBackups.translated("insert rows", e) instanceof DataIntegrityViolationException;
  }

  /** Finds the row of a batch that the database refuses. */
  private void insertAlone(
      Connection connection, PreparedStatement insert, List<String> given, Placed one)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      fill(insert, given, one.row());
      int _ = insert.executeUpdate();
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      if (!isRefused(e)) {
        throw e;
      }
      connection.rollback(before);
      throw contradiction(connection, one, e);
    }
  }

  /** Which values contradict those of other rows. A database's own message has the whole row. */
  private ServiceException contradiction(Connection connection, Placed one, SQLException refusal)
      throws SQLException {
    for (Table.Reference reference : table.references()) {
      if (isWhole(one.row(), reference.columns())
          && count(connection, reference.table(), reference.key(), reference.columns(), one) == 0) {
        return DamagedArchive.at(
            one.place(),
            reference.columns(),
            one.row(),
            "the %s of a row of %s"
                .formatted(
                    String.join(" and ", reference.key()),
                    JdbcBackups.TABLES + reference.table() + JdbcBackups.ROWS));
      }
    }
    for (List<String> unique : table.uniques()) {
      if (isWhole(one.row(), unique) && count(connection, table.name(), unique, unique, one) > 0) {
        return DamagedArchive.at(one.place(), unique, one.row(), "what no row before it has");
      }
    }
    return DamagedArchive.because(
        "%s is refused by the database, with the SQL state %s"
            .formatted(one.place(), refusal.getSQLState()));
  }

  private static boolean isWhole(JsonNode row, List<String> columns) {
    return columns.stream()
        .noneMatch(column -> row.path(column).isNull() || row.path(column).isMissingNode());
  }

  /** How many rows of a table have in some columns what this row has in others. */
  private long count(
      Connection connection, String in, List<String> columns, List<String> own, Placed one)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(Table.count(in, columns))) {
      fill(select, own, one.row());
      try (ResultSet found = select.executeQuery()) {
        return found.next() ? found.getLong(1) : 0;
      }
    }
  }

  private void fill(PreparedStatement statement, List<String> columns, JsonNode row)
      throws SQLException {
    for (int i = 0; i < columns.size(); i++) {
      set(statement, i + 1, kind(columns.get(i)), row.path(columns.get(i)));
    }
  }

  /** The keys of the rows that are there: few, in an installation without datasets and models. */
  private Set<List<String>> keys(Connection connection) throws SQLException {
    Set<List<String>> keys = new HashSet<>();
    if (!table.key().isEmpty()) {
      try (Statement statement = connection.createStatement();
          ResultSet found = statement.executeQuery(table.selectKeys())) {
        while (found.next()) {
          List<String> key = new ArrayList<>();
          for (String column : table.key()) {
            key.add(read(found, column, kind(column)).asString(""));
          }
          keys.add(key);
        }
      }
    }
    return keys;
  }

  private List<String> key(JsonNode row) {
    return table.key().stream().map(column -> row.path(column).asString("")).toList();
  }

  private Table.Kind kind(String column) {
    Table.Column found = table.columns().get(column);
    if (found == null) {
      throw new IllegalStateException(table.name() + " has no column " + column);
    }
    return found.kind();
  }

  private static void set(PreparedStatement insert, int index, Table.Kind kind, JsonNode value)
      throws SQLException {
    if (value.isNull() || value.isMissingNode()) {
      insert.setNull(index, nullType(kind));
      return;
    }
    switch (kind) {
      case BOOLEAN -> insert.setBoolean(index, value.booleanValue());
      case WHOLE -> insert.setLong(index, value.longValue());
      case NUMBER -> insert.setDouble(index, value.doubleValue());
      case TEXT -> insert.setString(index, value.stringValue());
      case TIME -> insert.setObject(index, OffsetDateTime.parse(value.stringValue()));
      case BYTES -> insert.setBytes(index, Base64.getDecoder().decode(value.stringValue()));
    }
  }

  private static int nullType(Table.Kind kind) {
    return switch (kind) {
      case BOOLEAN -> Types.BOOLEAN;
      case WHOLE -> Types.BIGINT;
      case NUMBER -> Types.DOUBLE;
      case TEXT -> Types.VARCHAR;
      case TIME -> Types.TIMESTAMP_WITH_TIMEZONE;
      case BYTES -> Types.VARBINARY;
    };
  }
}
