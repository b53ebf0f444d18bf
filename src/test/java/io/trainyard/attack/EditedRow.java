package io.trainyard.attack;

import static java.util.Objects.requireNonNull;

import io.trainyard.store.backup.ForgedArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A backup in which somebody edited one value of one row, or one member of a document in it. */
final class EditedRow {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String TABLES = "tables/";

  private final Map<String, byte[]> entries;
  private final SplittableRandom random;

  /** What was edited, for messages. */
  private String place = "";

  EditedRow(Map<String, byte[]> entries, long seed) {
    this.entries = new LinkedHashMap<>(entries);
    this.random = new SplittableRandom(seed);
  }

  String place() {
    return place;
  }

  String table() {
    return place.substring(0, place.indexOf(' '));
  }

  byte[] archive() throws IOException {
    List<String> tables =
        entries.entrySet().stream()
            .filter(entry -> entry.getValue().length > 0)
            .map(Map.Entry::getKey)
            .filter(name -> name.startsWith(TABLES) && !name.contains("access_keys"))
            .toList();
    String table = one(tables);
    List<ObjectNode> rows = rows(requireNonNull(entries.get(table)));
    int number = random.nextInt(rows.size());
    ObjectNode row = rows.get(number);
    String column = one(List.copyOf(row.propertyNames()));
    JsonNode before = row.get(column);
    JsonNode after = edited(before, rows, column);
    row.set(column, after);
    place = "%s row %d: %s %s -> %s".formatted(table, number + 1, column, before, after);
    entries.put(
        table,
        rows.stream()
            .map(each -> each + "\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.UTF_8));
    return ForgedArchive.write(entries);
  }

  private static List<ObjectNode> rows(byte[] lines) {
    List<ObjectNode> rows = new ArrayList<>();
    new String(lines, StandardCharsets.UTF_8)
        .lines()
        .forEach(line -> rows.add((ObjectNode) JSON.readTree(line)));
    return rows;
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private JsonNode edited(JsonNode value, List<ObjectNode> rows, String column) {
    if (value.isString() && value.stringValue().startsWith("{")) {
      try {
        JsonNode document = JSON.readTree(value.stringValue());
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
          editInside(document);
        }
        return NODES.stringNode(document.toString());
      } catch (JacksonException e) {
        return simple(value);
      }
    }
    return random.nextInt(4) == 0 ? one(rows).get(column) : simple(value);
  }

  private void editInside(JsonNode node) {
    if (node instanceof ObjectNode object && !object.isEmpty()) {
      String member = one(List.copyOf(object.propertyNames()));
      JsonNode inside = object.get(member);
      if (inside.isContainer() && !inside.isEmpty() && random.nextInt(5) > 0) {
        editInside(inside);
      } else if (random.nextInt(4) == 0) {
        object.remove(member);
      } else {
        object.set(member, simple(inside));
      }
    } else if (node instanceof ArrayNode array && !array.isEmpty()) {
      int index = random.nextInt(array.size());
      JsonNode inside = array.get(index);
      if (inside.isContainer() && !inside.isEmpty() && random.nextInt(5) > 0) {
        editInside(inside);
      } else if (random.nextInt(4) == 0) {
        array.remove(index);
      } else {
        array.set(index, simple(inside));
      }
    }
  }

  private JsonNode simple(JsonNode value) {
    long number = value.isNumber() ? (long) value.doubleValue() : random.nextInt(100);
    String text = value.isString() ? value.stringValue() : "x";
    return switch (random.nextInt(14)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(-1 - number);
      case 2 -> NODES.numberNode(number + 1);
      case 3 -> NODES.numberNode(1L << 40);
      case 4 -> NODES.numberNode(0);
      case 5 -> NODES.numberNode(number + 0.5);
      case 6 -> NODES.booleanNode(!value.asBoolean(false));
      case 7 -> NODES.stringNode("");
      case 8 -> NODES.stringNode("../../UP per\n");
      case 9 -> NODES.stringNode(text + text);
      case 10 -> NODES.stringNode(text.isEmpty() ? "-" : text.substring(1));
      case 11 -> NODES.stringNode("{}");
      case 12 -> NODES.stringNode("2031-01-31T12:30:00Z");
      default -> NODES.stringNode("[{\"a\": null}]");
    };
  }
}
