package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Writes SQL from the tree of a condition. It accepts predicates of columns and literals, and
 * refuses everything else with its position.
 */
final class ConditionWriter {
  private static final int MAX_DEPTH = 100;

  private static final Map<String, String> COMPARISONS =
      Map.of(
          "COMPARE_EQUAL", "=",
          "COMPARE_NOTEQUAL", "<>",
          "COMPARE_LESSTHAN", "<",
          "COMPARE_GREATERTHAN", ">",
          "COMPARE_LESSTHANOREQUALTO", "<=",
          "COMPARE_GREATERTHANOREQUALTO", ">=",
          "COMPARE_DISTINCT_FROM", "is distinct from",
          "COMPARE_NOT_DISTINCT_FROM", "is not distinct from");

  private static final Map<String, String> OPERATORS =
      Map.of(
          "+",
          "+",
          "-",
          "-",
          "*",
          "*",
          "/",
          "/",
          "%",
          "%",
          "~~",
          "like",
          "!~~",
          "not like",
          "~~*",
          "ilike",
          "!~~*",
          "not ilike");

  private final List<Column> columns;

  ConditionWriter(List<Column> columns) {
    this.columns = columns;
  }

  /** SQL over the stored columns; {@code depth} counts how deep the tree is nested. */
  String write(JsonNode node, int depth) {
    if (depth > MAX_DEPTH) {
      throw Condition.refused("it is nested too deep");
    }
    return switch (node.path("class").asString("")) {
      case "CONJUNCTION" ->
          joined(
              node.path("children"),
              node.path("type").asString("").endsWith("OR") ? " or " : " and ",
              depth);
      case "COMPARISON" -> comparison(node, depth);
      case "BETWEEN" -> between(node, depth);
      case "OPERATOR" -> operator(node, depth);
      case "FUNCTION" -> function(node, depth);
      case "COLUMN_REF" -> column(node);
      case "CONSTANT" -> constant(node);
      case "CAST" -> cast(node, depth);
      default -> throw unexpected(node);
    };
  }

  private static ServiceException unexpected(JsonNode node) {
    int position = node.path("query_location").asInt(0) - Condition.PREFIX.length() + 1;
    String what = node.path("function_name").asString(node.path("type").asString("this"));
    String place = position >= 1 ? " at position " + position : "";
    return Condition.refused(
        "'"
            + what
            + "'"
            + place
            + " is not allowed; a condition compares columns with literals, "
            + "with arithmetic, AND, OR, NOT, IN, BETWEEN, LIKE and IS NULL");
  }

  private String joined(JsonNode children, String by, int depth) {
    List<String> parts = new ArrayList<>();
    for (JsonNode child : children) {
      parts.add(write(child, depth + 1));
    }
    return "(" + String.join(by, parts) + ")";
  }

  private String comparison(JsonNode node, int depth) {
    String operator = COMPARISONS.get(node.path("type").asString(""));
    if (operator == null) {
      throw unexpected(node);
    }
    return "("
        + write(node.path("left"), depth + 1)
        + " "
        + operator
        + " "
        + write(node.path("right"), depth + 1)
        + ")";
  }

  private String between(JsonNode node, int depth) {
    boolean plain = node.path("type").asString("").equals("COMPARE_BETWEEN");
    if (!plain) {
      throw unexpected(node);
    }
    return "("
        + write(node.path("input"), depth + 1)
        + " between "
        + write(node.path("lower"), depth + 1)
        + " and "
        + write(node.path("upper"), depth + 1)
        + ")";
  }

  private String operator(JsonNode node, int depth) {
    JsonNode children = node.path("children");
    String first = children.isEmpty() ? "" : write(children.path(0), depth + 1);
    return switch (node.path("type").asString("")) {
      case "OPERATOR_NOT" -> "(not " + first + ")";
      case "OPERATOR_IS_NULL" -> "(" + first + " is null)";
      case "OPERATOR_IS_NOT_NULL" -> "(" + first + " is not null)";
      case "COMPARE_IN" -> "(" + first + " in " + list(children, depth) + ")";
      case "COMPARE_NOT_IN" -> "(" + first + " not in " + list(children, depth) + ")";
      default -> throw unexpected(node);
    };
  }

  private String list(JsonNode children, int depth) {
    List<String> items = new ArrayList<>();
    for (int i = 1; i < children.size(); i++) {
      items.add(write(children.path(i), depth + 1));
    }
    return "(" + String.join(", ", items) + ")";
  }

  private String function(JsonNode node, int depth) {
    String operator = OPERATORS.get(node.path("function_name").asString(""));
    JsonNode arguments = node.path("arguments");
    if (operator == null
        || !node.path("is_operator").asBoolean()
        || arguments.isEmpty()
        || arguments.size() > 2) {
      throw unexpected(node);
    }
    String first = write(arguments.path(0).path("expression"), depth + 1);
    return arguments.size() == 1
        ? "(" + operator + " " + first + ")"
        : "("
            + first
            + " "
            + operator
            + " "
            + write(arguments.path(1).path("expression"), depth + 1)
            + ")";
  }

  private String column(JsonNode node) {
    JsonNode path = node.path("column_names");
    String name = path.path(0).asString("");
    if (path.size() != 1) {
      throw unexpected(node);
    }
    int index = index(name);
    if (columns.get(index).type() == ColumnType.TENSOR) {
      throw Condition.refused("column '" + name + "' holds tensors");
    }
    return IngestedTable.storedName(index);
  }

  /** The column with this exact name, otherwise the only one that differs in case alone. */
  private int index(String name) {
    List<Integer> similar = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
      if (columns.get(i).name().equalsIgnoreCase(name)) {
        similar.add(i);
      }
    }
    if (similar.size() == 1) {
      return similar.getFirst();
    }
    throw Condition.refused(
        "there is no column '"
            + name
            + "'; the dataset has "
            + String.join(", ", columns.stream().limit(20).map(Column::name).toList()));
  }

  private static String constant(JsonNode node) {
    JsonNode literal = node.path("literal");
    String text = literal.path("text").asString("");
    return switch (literal.path("kind").asString("")) {
      case "INTEGER", "NUMERIC" -> {
        if (!text.matches("-?[0-9.]+([eE][+-]?[0-9]+)?")) {
          throw unexpected(node);
        }
        // Two minus signs in a row would start a comment.
        yield text.startsWith("-") ? "(" + text + ")" : text;
      }
      case "STRING" -> DuckDb.literal(text);
      case "BOOLEAN" -> text.equalsIgnoreCase("true") ? "true" : "false";
      case "NULL_LITERAL" -> "null";
      default -> throw unexpected(node);
    };
  }

  /** A literal such as TIMESTAMP '2026-01-31', or the cast that IS TRUE adds to a column. */
  private String cast(JsonNode node, int depth) {
    JsonNode child = node.path("child");
    String type = castType(node);
    boolean literal = child.path("class").asString("").equals("CONSTANT");
    if (type == null || !(literal || (type.equals("BOOLEAN") && isBoolean(child)))) {
      throw unexpected(node);
    }
    return "cast(" + write(child, depth + 1) + " as " + type + ")";
  }

  private boolean isBoolean(JsonNode node) {
    JsonNode path = node.path("column_names");
    return path.size() == 1
        && columns.get(index(path.path(0).asString(""))).type() == ColumnType.BOOLEAN;
  }

  private static @Nullable String castType(JsonNode node) {
    String name = node.path("type_expr").path("type_name").asString("").toUpperCase(Locale.ROOT);
    return switch (name) {
      case "BOOLEAN", "DATE", "TIMESTAMP" -> name;
      default -> null;
    };
  }
}
