package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A caller's condition on rows. DuckDB parses it to a tree; what the tree holds is written out anew
 * when it is a predicate of columns, and refused with its position otherwise. No text of the caller
 * reaches a query but as a literal.
 */
public final class Condition {
  private static final String PREFIX = "SELECT 1 FROM t WHERE (";
  private static final int MAX_DEPTH = 100;

  private static final Map<String, String> COMPARISONS =
      Map.of(
          "COMPARE_EQUAL", "=",
          "COMPARE_NOTEQUAL", "<>",
          "COMPARE_LESSTHAN", "<",
          "COMPARE_GREATERTHAN", ">",
          "COMPARE_LESSTHANOREQUALTO", "<=",
          "COMPARE_GREATERTHANOREQUALTO", ">=",
          "COMPARE_DISTINCT_FROM", "IS DISTINCT FROM",
          "COMPARE_NOT_DISTINCT_FROM", "IS NOT DISTINCT FROM");

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
          "LIKE",
          "!~~",
          "NOT LIKE",
          "~~*",
          "ILIKE",
          "!~~*",
          "NOT ILIKE");

  private static final Pattern STORED = Pattern.compile("\\bc([0-9]{1,6})\\b");

  private final List<Column> columns;

  private Condition(List<Column> columns) {
    this.columns = columns;
  }

  /** The condition as SQL over the columns of a file. */
  public static String sql(DuckDb duck, String where, List<Column> columns) throws SQLException {
    if (where.isBlank()) {
      throw refused("it is empty");
    }
    String json =
        duck.query(
            "SELECT json_serialize_sql(" + DuckDb.literal(PREFIX + where + "\n)") + ")",
            rows -> {
              rows.next();
              return rows.getString(1);
            });
    JsonNode tree = new JsonMapper().readTree(json);
    if (tree.path("error").asBoolean()) {
      int position = tree.path("position").asInt(PREFIX.length()) - PREFIX.length() + 1;
      throw refused(
          tree.path("error_message").asString("it cannot be parsed")
              + at(position, where)
              + "; texts stand in single quotes, columns whose names SQL reserves in double ones");
    }
    JsonNode statements = tree.path("statements");
    JsonNode select = statements.path(0).path("node");
    boolean plain =
        statements.size() == 1
            && select.path("type").asString("").equals("SELECT_NODE")
            && select.path("modifiers").isEmpty()
            && select.path("cte_map").path("map").isEmpty()
            && select.path("from_table").path("type").asString("").equals("BASE_TABLE")
            && select.path("group_expressions").isEmpty()
            && select.path("having").isNull()
            && select.path("qualify").isNull()
            && select.path("sample").isNull();
    if (!plain) {
      throw refused("it is more than one expression");
    }
    return new Condition(columns).write(select.path("where_clause"), 0);
  }

  private static String at(int position, String where) {
    return position >= 1 && position <= where.length() + 1 ? " at position " + position : "";
  }

  public static ServiceException refused(String why) {
    String detail = "The condition cannot be taken: " + why;
    return new ServiceException(ErrorCode.INVALID_BODY, detail, List.of(new Violation("", detail)));
  }

  private String write(JsonNode node, int depth) {
    if (depth > MAX_DEPTH) {
      throw refused("it is nested too deep");
    }
    return switch (node.path("class").asString("")) {
      case "CONJUNCTION" ->
          joined(
              node.path("children"),
              node.path("type").asString("").endsWith("OR") ? " OR " : " AND ",
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
    int position = node.path("query_location").asInt(0) - PREFIX.length() + 1;
    String what = node.path("function_name").asString(node.path("type").asString("this"));
    String place = position >= 1 ? " at position " + position : "";
    return refused(
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
        + " BETWEEN "
        + write(node.path("lower"), depth + 1)
        + " AND "
        + write(node.path("upper"), depth + 1)
        + ")";
  }

  private String operator(JsonNode node, int depth) {
    JsonNode children = node.path("children");
    String first = children.isEmpty() ? "" : write(children.path(0), depth + 1);
    return switch (node.path("type").asString("")) {
      case "OPERATOR_NOT" -> "(NOT " + first + ")";
      case "OPERATOR_IS_NULL" -> "(" + first + " IS NULL)";
      case "OPERATOR_IS_NOT_NULL" -> "(" + first + " IS NOT NULL)";
      case "COMPARE_IN" -> "(" + first + " IN " + list(children, depth) + ")";
      case "COMPARE_NOT_IN" -> "(" + first + " NOT IN " + list(children, depth) + ")";
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
      throw refused("column '" + name + "' holds tensors");
    }
    return IngestedTable.storedName(index);
  }

  /** By exact name, else by the only one that differs in case. */
  private int index(String name) {
    List<Integer> alike = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
      if (columns.get(i).name().equalsIgnoreCase(name)) {
        alike.add(i);
      }
    }
    if (alike.size() == 1) {
      return alike.getFirst();
    }
    throw refused(
        "there is no column '"
            + name
            + "'; the data set has "
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
        // Two minus signs in a row would begin a comment.
        yield text.startsWith("-") ? "(" + text + ")" : text;
      }
      case "STRING" -> DuckDb.literal(text);
      case "BOOLEAN" -> text.equalsIgnoreCase("true") ? "TRUE" : "FALSE";
      case "NULL_LITERAL" -> "NULL";
      default -> throw unexpected(node);
    };
  }

  /** TIMESTAMP '2026-01-31' and the like, and what IS TRUE makes of a column. */
  private String cast(JsonNode node, int depth) {
    JsonNode child = node.path("child");
    String type = castType(node);
    boolean literal = child.path("class").asString("").equals("CONSTANT");
    if (type == null || !(literal || (type.equals("BOOLEAN") && isBoolean(child)))) {
      throw unexpected(node);
    }
    return "CAST(" + write(child, depth + 1) + " AS " + type + ")";
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

  /** What the database says of a condition, with the caller's names for its columns. */
  public static ServiceException refused(SQLException e, List<Column> columns) {
    return refused(
        STORED
            .matcher(DuckDb.message(e))
            .replaceAll(
                found -> {
                  int index = Integer.parseInt(found.group(1));
                  String name = index < columns.size() ? columns.get(index).name() : found.group();
                  return Matcher.quoteReplacement("'" + name + "'");
                }));
  }
}
