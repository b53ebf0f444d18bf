package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.json.NameAdvice;
import io.trainyard.store.duckdb.ConditionTokens.Kind;
import io.trainyard.store.duckdb.ConditionTokens.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Parses a condition and writes it as SQL over the stored columns. DuckDB's parser would take
 * minutes and gigabytes for a few thousand minus signs, so it only sees SQL from here, whose depth
 * is bounded.
 *
 * <pre>
 * condition  = and {"or" and}
 * and        = not {"and" not}
 * not        = "not" not | test
 * test       = comparison {"is" ["not"] ("null" | "true" | "false" | "distinct" "from" range)}
 * comparison = range [("=" | "<>" | "<" | "<=" | ">" | ">=") range]
 * range      = sum [["not"] ("between" sum "and" sum | "in" "(" sum {"," sum} ")" | "like" sum)]
 * sum        = product {("+" | "-") product}
 * product    = sign {("*" | "/" | "%") sign}
 * sign       = ("-" | "+") sign | value
 * value      = number | text | "true" | "false" | "null" | column | "(" condition ")"
 *            | type text | literal "::" type | "cast" "(" value "as" type ")"
 * </pre>
 */
final class ConditionParser {
  private static final int MAX_DEPTH = 100;

  private static final Map<String, String> COMPARISONS =
      Map.of(
          "=", "=", "==", "=", "<>", "<>", "!=", "<>", "<", "<", "<=", "<=", ">", ">", ">=", ">=");

  private static final Set<String> TYPES = Set.of("BOOLEAN", "DATE", "TIMESTAMP");

  /** The words that are no columns, unless in double quotes. */
  private static final Set<String> KEYWORDS =
      Set.of("AND", "OR", "NOT", "IS", "IN", "BETWEEN", "LIKE", "ILIKE", "CASE", "SELECT", "AS");

  private final List<Column> columns;
  private final ConditionTokens tokens;
  private final Map<String, Integer> byName = new HashMap<>();
  private int depth;

  ConditionParser(String text, List<Column> columns) {
    this.columns = columns;
    this.tokens = new ConditionTokens(text);
    for (int i = 0; i < columns.size(); i++) {
      byName.put(columns.get(i).name(), i);
    }
  }

  /** A rule of the grammar, as SQL. */
  private interface Rule {
    String sql();
  }

  String parse() {
    if (tokens.peek().kind() == Kind.END) {
      throw Condition.refused("it is empty");
    }
    String sql = condition();
    Token rest = tokens.peek();
    if (rest.kind() != Kind.END) {
      throw rest.unexpected();
    }
    return sql;
  }

  /** Applies a rule that can contain itself. */
  private String nested(Rule rule) {
    if (++depth > MAX_DEPTH) {
      throw tooDeep();
    }
    String sql = rule.sql();
    depth--;
    return sql;
  }

  private RuntimeException tooDeep() {
    return Condition.refused(
        "it is nested too deep at position %d; at most %d levels are allowed"
            .formatted(tokens.peek().position(), MAX_DEPTH));
  }

  private String condition() {
    return nested(() -> joined("or", () -> joined("and", this::not)));
  }

  /** Operands with the same operator between, on one level. */
  private String joined(String operator, Rule operand) {
    String first = operand.sql();
    if (!tokens.peek().is(operator)) {
      return first;
    }
    List<String> operands = new ArrayList<>(List.of(first));
    while (tokens.takeIf(operator)) {
      operands.add(operand.sql());
    }
    return "(" + String.join(" " + operator + " ", operands) + ")";
  }

  private String not() {
    return tokens.takeIf("not") ? "(not " + nested(this::not) + ")" : test();
  }

  private String test() {
    Token first = tokens.peek();
    String sql = comparison();
    for (int links = 0; tokens.takeIf("is"); links++) {
      if (links == MAX_DEPTH) {
        throw tooDeep();
      }
      sql = "(" + sql + " is " + (tokens.takeIf("not") ? "not " : "") + tested(first, sql) + ")";
    }
    return sql;
  }

  private String tested(Token first, String operand) {
    if (tokens.takeIf("null")) {
      return "null";
    }
    if (tokens.takeIf("distinct")) {
      tokens.expect("from");
      return "distinct from " + range();
    }
    Token truth = tokens.take();
    if (!truth.is("true") && !truth.is("false")) {
      throw truth.unexpected();
    }
    for (int i = 0; i < columns.size(); i++) {
      if (operand.equals(IngestedTable.storedName(i))
          && columns.get(i).type() != ColumnType.BOOLEAN) {
        throw Condition.refused(
            "column '%s' at position %d is neither true nor false"
                .formatted(columns.get(i).name(), first.position()));
      }
    }
    return truth.text();
  }

  private String comparison() {
    String left = range();
    String operator = COMPARISONS.get(tokens.peek().text());
    if (operator == null || tokens.peek().kind() != Kind.SYMBOL) {
      return left;
    }
    Token at = tokens.take();
    String right = range();
    if (left.equals("NULL") || right.equals("NULL")) {
      throw Condition.refused(
          "nothing equals NULL at position %d; write %s"
              .formatted(at.position(), operator.equals("=") ? "IS NULL" : "IS NOT NULL"));
    }
    return "(" + left + " " + operator + " " + right + ")";
  }

  private String range() {
    String operand = sum();
    String not = "";
    if (tokens.peek().is("not")) {
      tokens.take();
      not = "not ";
    }
    if (tokens.takeIf("between")) {
      String low = sum();
      tokens.expect("and");
      return "(" + operand + " " + not + "between " + low + " and " + sum() + ")";
    }
    if (tokens.takeIf("in")) {
      return "(" + operand + " " + not + "in " + list() + ")";
    }
    for (String like : List.of("like", "ilike")) {
      if (tokens.takeIf(like)) {
        return "(" + operand + " " + not + like + " " + sum() + ")";
      }
    }
    if (!not.isEmpty()) {
      throw tokens.peek().unexpected();
    }
    return operand;
  }

  private String list() {
    tokens.expect("(");
    List<String> items = new ArrayList<>();
    do {
      items.add(sum());
    } while (tokens.takeIf(","));
    tokens.expect(")");
    return "(" + String.join(", ", items) + ")";
  }

  private String sum() {
    return chain(this::product, Set.of("+", "-"));
  }

  private String product() {
    return chain(this::sign, Set.of("*", "/", "%"));
  }

  /** Operands of operators that bind to the left: each adds a level. */
  private String chain(Rule operand, Set<String> operators) {
    StringBuilder sql = new StringBuilder(operand.sql());
    int links = 0;
    while (tokens.peek().kind() == Kind.SYMBOL && operators.contains(tokens.peek().text())) {
      if (++links > MAX_DEPTH) {
        throw tooDeep();
      }
      sql.append(' ').append(tokens.take().text()).append(' ').append(operand.sql());
    }
    return links == 0 ? sql.toString() : "(" + sql + ")";
  }

  private String sign() {
    if (tokens.takeIf("-")) {
      // Two minus signs in a row would start a comment.
      return "(- " + nested(this::sign) + ")";
    }
    return tokens.takeIf("+") ? nested(this::sign) : value();
  }

  private String value() {
    Token token = tokens.take();
    return switch (token.kind()) {
      case NUMBER -> literal(token.text());
      case TEXT -> literal(DuckDb.literal(token.text()));
      case QUOTED -> column(token);
      case SYMBOL -> {
        if (!token.is("(")) {
          throw token.unexpected();
        }
        String sql = condition();
        tokens.expect(")");
        yield sql;
      }
      case WORD -> word(token);
      case END -> throw token.unexpected();
    };
  }

  private String literal(String sql) {
    return tokens.takeIf("::") ? "cast(" + sql + " as " + type() + ")" : sql;
  }

  private String word(Token word) {
    String upper = word.text().toUpperCase(Locale.ROOT);
    if (upper.equals("TRUE") || upper.equals("FALSE") || upper.equals("NULL")) {
      return upper;
    }
    if (TYPES.contains(upper) && tokens.peek().kind() == Kind.TEXT) {
      return "cast(" + DuckDb.literal(tokens.take().text()) + " as " + upper + ")";
    }
    if (upper.equals("CAST") && tokens.takeIf("(")) {
      return cast();
    }
    if (KEYWORDS.contains(upper) || tokens.peek().is("(")) {
      throw word.unexpected();
    }
    return column(word);
  }

  /** A cast of a literal: a column keeps its type. */
  private String cast() {
    Token literal = tokens.take();
    if (literal.kind() != Kind.TEXT && literal.kind() != Kind.NUMBER) {
      throw literal.unexpected();
    }
    tokens.expect("as");
    String type = type();
    tokens.expect(")");
    String sql = literal.kind() == Kind.TEXT ? DuckDb.literal(literal.text()) : literal.text();
    return "cast(" + sql + " as " + type + ")";
  }

  private String type() {
    Token type = tokens.take();
    String upper = type.text().toUpperCase(Locale.ROOT);
    if (type.kind() != Kind.WORD || !TYPES.contains(upper)) {
      throw type.unexpected();
    }
    return upper;
  }

  private String column(Token name) {
    int index = index(name);
    if (columns.get(index).type() == ColumnType.TENSOR) {
      throw Condition.refused(
          "column '%s' at position %d holds tensors".formatted(name.text(), name.position()));
    }
    return IngestedTable.storedName(index);
  }

  /** The column with this exact name, otherwise the only one that differs in case alone. */
  private int index(Token name) {
    Integer exact = byName.get(name.text());
    if (exact != null) {
      return exact;
    }
    List<Integer> similar = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(name.text())) {
        similar.add(i);
      }
    }
    if (similar.size() == 1) {
      byName.put(name.text(), similar.getFirst());
      return similar.getFirst();
    }
    throw Condition.refused(
        "there is no column '%s' (position %d)%s; a text stands in single quotes: '%s'; the dataset has %s"
            .formatted(
                name.text(),
                name.position(),
                NameAdvice.similar(name.text(), byName.keySet())
                    .map(column -> "; did you mean '" + column + "'?")
                    .orElse(""),
                name.text(),
                String.join(", ", columns.stream().limit(20).map(Column::name).toList())));
  }
}
