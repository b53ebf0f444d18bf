package io.trainyard.attack.generated;

import io.trainyard.Http;
import io.trainyard.crash.Draw;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A dataset of random rows, and another one with the same columns to validate on. */
final class Table {
  private final String name;
  private final List<Column> columns;
  private final List<ObjectNode> rows;

  private Table(String name, List<Column> columns, List<ObjectNode> rows) {
    this.name = name;
    this.columns = columns;
    this.rows = rows;
  }

  /** What a column holds. */
  enum Kind {
    NUMBER,
    /** From 0 to 4, so that the small vocabularies have all of them. */
    INTEGER,
    /** Integers that may be negative. */
    SIGNED,
    /** One of three. */
    LABEL,
    FLAG,
    /** A time for each row, which rises. */
    TIME,
    /** Another text in each row. */
    UNIQUE,
    CONSTANT,
    /** Which part a row belongs to. */
    PART,
    /** A number above 0, how long something lasted. */
    DURATION,
    /** 0 or 1. */
    BIT,
    /** Numbers that are close to the largest of 32 bits. */
    HUGE,
    TENSOR,
    INDICES
  }

  /**
   * A column.
   *
   * @param shape of a tensor; empty for others
   * @param holes whether some values are missing
   */
  record Column(String name, Kind kind, List<Integer> shape, boolean holes) {
    Column(String name, Kind kind) {
      this(name, kind, List.of(), false);
    }

    Column withHoles() {
      return new Column(name, kind, shape, true);
    }

    static Column tensor(String name, Kind kind, Integer... shape) {
      return new Column(name, kind, List.of(shape), false);
    }
  }

  /** A table with this many rows. */
  static Table drawn(String name, List<Column> columns, int count, Draw draw) {
    return new Table(name, List.copyOf(columns), rows(columns, count, draw));
  }

  private static List<ObjectNode> rows(List<Column> columns, int count, Draw draw) {
    List<ObjectNode> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      ObjectNode values = JsonNodeFactory.instance.objectNode();
      for (Column column : columns) {
        boolean missing = column.holes() && row % 5 == 3;
        values.set(
            column.name(),
            missing ? JsonNodeFactory.instance.nullNode() : value(column, row, draw));
      }
      rows.add(values);
    }
    return rows;
  }

  private static JsonNode value(Column column, int row, Draw draw) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (column.kind()) {
      case NUMBER -> json.numberNode((draw.below(2_000) - 1_000) / 256.0);
      case INTEGER -> json.numberNode(draw.below(5));
      case SIGNED -> json.numberNode(draw.below(9) - 4);
      // Every label occurs.
      case LABEL -> json.stringNode(List.of("red", "green", "blue").get((row + draw.below(2)) % 3));
      case FLAG -> json.booleanNode(row % 2 == 0);
      case TIME -> json.stringNode("2024-01-%02dT%02d:00:00Z".formatted(1 + row / 24, row % 24));
      case UNIQUE -> json.stringNode("id-" + row);
      case PART ->
          json.stringNode(List.of("training", "training", "validation", "test").get(row % 4));
      case DURATION -> json.numberNode((1 + draw.below(50)) / 4.0);
      case BIT -> json.numberNode(draw.below(3) > 0 ? 1 : 0);
      case CONSTANT -> json.numberNode(7.5);
      case HUGE -> json.numberNode((1 + draw.below(9)) * 1e37);
      case TENSOR, INDICES -> tensor(column, column.shape(), draw);
    };
  }

  private static JsonNode tensor(Column column, List<Integer> shape, Draw draw) {
    if (shape.isEmpty()) {
      Kind kind = column.kind() == Kind.TENSOR ? Kind.NUMBER : Kind.INTEGER;
      return value(new Column(column.name(), kind), 0, draw);
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < shape.getFirst(); i++) {
      list.add(tensor(column, shape.subList(1, shape.size()), draw));
    }
    return list;
  }

  String name() {
    return name;
  }

  /** The dataset to validate on. */
  String other() {
    return name + "-other";
  }

  List<ObjectNode> rows() {
    return rows;
  }

  List<Column> columns() {
    return columns;
  }

  /** The names of the columns of these kinds. */
  List<String> names(Kind... kinds) {
    List<Kind> wanted = List.of(kinds);
    return columns.stream()
        .filter(column -> wanted.contains(column.kind()))
        .map(Column::name)
        .toList();
  }

  @Nullable Column find(String column) {
    return columns.stream().filter(each -> each.name().equals(column)).findFirst().orElse(null);
  }

  void upload(Http http, Draw draw) {
    upload(http, name, rows);
    upload(http, other(), rows(columns, 6, draw));
  }

  private static void upload(Http http, String name, List<ObjectNode> rows) {
    Http.Answer answer = http.post("/v1/datasets?name=" + name, rows.toString());
    if (answer.status() != 200 && answer.status() != 201) {
      throw new IllegalStateException(answer.toString());
    }
  }

  @Override
  public String toString() {
    return name + " of " + columns.size() + " columns".toLowerCase(Locale.ROOT);
  }
}
