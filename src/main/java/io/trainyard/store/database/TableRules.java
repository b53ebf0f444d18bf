package io.trainyard.store.database;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What the columns of a table hold, beyond their types. The service writes nothing else; a row of
 * another origin is measured by it before the service reads it.
 */
public final class TableRules {
  /** A SHA-256 in hexadecimal digits. */
  public static final String SHA256 = "a SHA-256 as 64 digits of 0-9 and a-f";

  private static final int LONGEST_SHOWN = 60;
  private static final long MOST_COUNTED = (1 << 30) - 1;

  private final String table;
  private final List<Rule> rules = new ArrayList<>();

  /**
   * What a column holds.
   *
   * @param reader reads a row; what it throws says why that is not possible
   */
  private record Rule(String column, String expected, Consumer<JsonNode> reader) {}

  /** A value that a column does not hold. */
  public record Fault(String column, String value, String expected) {}

  private TableRules(String table) {
    this.table = table;
  }

  public static TableRules of(String table) {
    return new TableRules(table);
  }

  public String table() {
    return table;
  }

  /** The columns that have rules. */
  public Set<String> columns() {
    return rules.stream().map(Rule::column).collect(Collectors.toSet());
  }

  /** Any value of the column's type. */
  public TableRules any(String... columns) {
    for (String column : columns) {
      rules.add(new Rule(column, "", _ -> {}));
    }
    return this;
  }

  public TableRules atLeast(long least, String... columns) {
    for (String column : columns) {
      between(column, least, Long.MAX_VALUE);
    }
    return this;
  }

  /** What is counted up by one: it never comes near the largest number of its type. */
  public TableRules counter(long least, String... columns) {
    for (String column : columns) {
      between(column, least, MOST_COUNTED);
    }
    return this;
  }

  public TableRules between(String column, long least, long most) {
    String expected =
        most == Long.MAX_VALUE
            ? "a whole number of at least " + least
            : "a whole number from %d to %d".formatted(least, most);
    return row(
        column,
        expected,
        row -> {
          JsonNode value = row.path(column);
          if (isThere(value) && (value.longValue() < least || value.longValue() > most)) {
            throw new IllegalArgumentException();
          }
        });
  }

  public TableRules text(String column, String expected, Predicate<String> holds) {
    return document(
        column,
        expected,
        text -> {
          if (!holds.test(text)) {
            throw new IllegalArgumentException();
          }
        });
  }

  public TableRules sha256(String... columns) {
    for (String column : columns) {
      text(column, SHA256, text -> text.matches("[0-9a-f]{64}"));
    }
    return this;
  }

  public TableRules word(String column, Collection<String> words) {
    return text(column, "one of " + String.join(", ", words), words::contains);
  }

  /** A JSON object that nothing here reads. */
  public TableRules object(String... columns) {
    for (String column : columns) {
      document(column, "a JSON object", Json::readObject);
    }
    return this;
  }

  /**
   * A text that is read as the service reads it.
   *
   * @param reader throws for one that it cannot read
   */
  public TableRules document(String column, String expected, Consumer<String> reader) {
    return row(
        column,
        expected,
        row -> {
          JsonNode value = row.path(column);
          if (isThere(value)) {
            reader.accept(value.stringValue());
          }
        });
  }

  /**
   * A column whose value fits to others of its row.
   *
   * @param reader throws for one that does not
   */
  public TableRules row(String column, String expected, Consumer<JsonNode> reader) {
    rules.add(new Rule(column, expected, reader));
    return this;
  }

  private static boolean isThere(JsonNode value) {
    return !value.isNull() && !value.isMissingNode();
  }

  /**
   * The first column that holds something else.
   *
   * @param row whose values have the types of their columns; it may lack columns that an earlier
   *     release did not have
   */
  public Optional<Fault> fault(JsonNode row) {
    for (Rule rule : rules) {
      try {
        rule.reader().accept(row);
      } catch (RuntimeException e) {
        String value = shown(row.path(rule.column()));
        String reason = e.getMessage();
        return Optional.of(
            new Fault(
                rule.column(),
                value,
                rule.expected() + (reason == null ? "" : " (" + reason + ")")));
      }
    }
    return Optional.empty();
  }

  /** A value for messages. */
  public static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN - 1) + "…";
  }
}
