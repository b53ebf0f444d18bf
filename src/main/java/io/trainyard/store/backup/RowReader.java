package io.trainyard.store.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the rows of a table one after the other. A row is an object of plain values; all rows have
 * the same columns, and the table has them too. So a row has as many values as the table has
 * columns, each of a bounded length, in a file of any origin.
 */
final class RowReader implements AutoCloseable {
  /** The longest value, in characters. */
  private static final int LONGEST = 128 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LONGEST).build())
                  .build())
          .build();

  private final Table table;
  private final JsonParser parser;
  private List<String> columns = List.of();
  private long rows;

  RowReader(Table table, Path file) throws IOException {
    this.table = table;
    this.parser = MAPPER.createParser(Files.newInputStream(file));
  }

  /** The columns of the rows that were read. */
  List<String> columns() {
    return columns;
  }

  /** The number of rows that were read. */
  long rows() {
    return rows;
  }

  /** The next row; null after the last. */
  @Nullable ObjectNode next() {
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return null;
      }
      rows++;
      if (token != JsonToken.START_OBJECT) {
        throw DamagedArchive.because(place() + " is no object");
      }
      ObjectNode row = read();
      List<String> found = new ArrayList<>(table.columns().keySet());
      found.removeIf(column -> !row.has(column));
      if (rows > 1 && !found.equals(columns)) {
        throw DamagedArchive.because(place() + " has other columns than the first row");
      }
      columns = found;
      return row;
    } catch (JacksonException e) {
      throw DamagedArchive.because(place() + " is no JSON");
    }
  }

  private ObjectNode read() {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String column = parser.currentName();
      if (!table.columns().containsKey(column)) {
        throw DamagedArchive.because(
            "%s has a column '%s' that this release does not know".formatted(place(), column));
      }
      if (!parser.nextToken().isScalarValue() || row.has(column)) {
        throw DamagedArchive.because(place() + " has no plain value in " + column);
      }
      row.set(column, parser.readValueAsTree());
    }
    return row;
  }

  /** Which row was read last, for messages. */
  String place() {
    return "row %d of %s%s%s".formatted(rows, JdbcBackups.TABLES, table.name(), JdbcBackups.ROWS);
  }

  @Override
  public void close() {
    parser.close();
  }
}
