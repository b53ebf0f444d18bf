package io.trainyard.store.backup;

import io.trainyard.store.access.AccessColumns;
import io.trainyard.store.database.TableRules;
import io.trainyard.store.dataset.DatasetColumns;
import io.trainyard.store.idempotency.IdempotencyColumns;
import io.trainyard.store.job.JobColumns;
import io.trainyard.store.model.ModelColumns;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Checks rows of an archive: whether their values have the types of their columns, and whether the
 * service could have written them.
 */
final class RowCheck {
  /** The rules of all tables. */
  static final Map<String, TableRules> RULES =
      Stream.of(
              DatasetColumns.RULES,
              ModelColumns.RULES,
              JobColumns.RULES,
              AccessColumns.RULES,
              IdempotencyColumns.RULES)
          .flatMap(List::stream)
          .collect(Collectors.toMap(TableRules::table, Function.identity()));

  private static final int FIRST_YEAR = 1970;
  private static final int LAST_YEAR = 9999;

  private final Table table;
  private final TableRules rules;

  RowCheck(Table table) {
    this.table = table;
    this.rules = RULES.getOrDefault(table.name(), TableRules.of(table.name()));
  }

  /**
   * Checks one row.
   *
   * @param place for the message of an exception
   */
  void check(JsonNode row, String place) {
    table.columns().forEach((name, column) -> check(row, name, column, place));
    rules
        .fault(row)
        .ifPresent(
            fault -> {
              throw DamagedArchive.at(place, fault.column(), fault.value(), fault.expected());
            });
  }

  private static void check(JsonNode row, String name, Table.Column column, String place) {
    JsonNode value = row.path(name);
    String expected =
        value.isMissingNode()
            ? (column.isRequired() ? "a value" : "")
            : value.isNull()
                ? (column.isNullable() ? "" : "a value")
                : isOf(column, value) ? "" : described(column);
    if (!expected.isEmpty()) {
      throw DamagedArchive.at(place, List.of(name), row, expected);
    }
  }

  private static boolean isOf(Table.Column column, JsonNode value) {
    return switch (column.kind()) {
      case BOOLEAN -> value.isBoolean();
      case WHOLE ->
          value.isIntegralNumber()
              && value.canConvertToLong()
              && value.longValue() <= column.most()
              && value.longValue() >= -column.most() - 1;
      case NUMBER -> value.isNumber();
      case TEXT ->
          value.isString()
              && value.stringValue().codePointCount(0, value.stringValue().length())
                  <= column.size();
      case TIME -> value.isString() && isTime(value.stringValue());
      case BYTES -> value.isString() && isBase64(value.stringValue());
    };
  }

  private static String described(Table.Column column) {
    return switch (column.kind()) {
      case BOOLEAN -> "true or false";
      case WHOLE -> "a whole number from %d to %d".formatted(-column.most() - 1, column.most());
      case NUMBER -> "a number";
      case TEXT -> "a text of at most %d characters".formatted(column.size());
      case TIME ->
          "a time as 2026-01-31T12:30:00Z, from the year %d to %d".formatted(FIRST_YEAR, LAST_YEAR);
      case BYTES -> "bytes in Base64";
    };
  }

  private static boolean isTime(String text) {
    try {
      int year = OffsetDateTime.parse(text).getYear();
      return year >= FIRST_YEAR && year <= LAST_YEAR;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static boolean isBase64(String text) {
    try {
      var _ = Base64.getDecoder().decode(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
