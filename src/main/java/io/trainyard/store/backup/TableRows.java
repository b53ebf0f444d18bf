package io.trainyard.store.backup;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The rows of a table as a file with a JSON object a line. */
final class TableRows {
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

  private final Table table;

  TableRows(Table table) {
    this.table = table;
  }

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
          for (Map.Entry<String, Table.Kind> column : table.columns().entrySet()) {
            row.set(column.getKey(), read(found, column.getKey(), column.getValue()));
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
   * Reads all rows of a file.
   *
   * @param reader sees each row
   * @return the largest value of the identity column; 0 for none
   */
  long read(Path file, Consumer<JsonNode> reader) throws IOException {
    long largest = 0;
    try (RowReader rows = new RowReader(table, file)) {
      for (ObjectNode row = rows.next(); row != null; row = rows.next()) {
        reader.accept(row);
        largest = Math.max(largest, row.path(table.identity()).asLong(0));
      }
    }
    return largest;
  }

  /**
   * Inserts all rows of a file. Columns that the file lacks, because it is older, get their
   * defaults; rows whose key is taken, as that of an access key of this installation, are left out.
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
      try (PreparedStatement insert = connection.prepareStatement(table.insert(given))) {
        int waiting = 0;
        for (; row != null; row = rows.next()) {
          if (taken.contains(key(row))) {
            continue;
          }
          for (int i = 0; i < given.size(); i++) {
            String column = given.get(i);
            try {
              set(insert, i + 1, kind(column), row.path(column));
            } catch (JacksonException | DateTimeParseException | IllegalArgumentException e) {
              throw DamagedArchive.because(
                  "%s has no %s in %s".formatted(rows.place(), kind(column), column));
            }
          }
          insert.addBatch();
          inserted++;
          if (++waiting == BATCH) {
            int[] _ = insert.executeBatch();
            waiting = 0;
          }
        }
        int[] _ = insert.executeBatch();
      }
    }
    return inserted;
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
    Table.Kind kind = table.columns().get(column);
    if (kind == null) {
      throw new IllegalStateException(table.name() + " has no column " + column);
    }
    return kind;
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
