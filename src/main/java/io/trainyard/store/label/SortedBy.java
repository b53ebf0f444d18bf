package io.trainyard.store.label;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The column {@code sorted_by} of a query. */
public final class SortedBy {
  private SortedBy() {}

  public static @Nullable Comparable<?> read(ResultSet row) throws SQLException {
    return switch (row.getObject("sorted_by")) {
      case Long number -> number;
      case Integer number -> number.longValue();
      case String text -> text;
      case Boolean truth -> truth;
      case null -> null;
      default -> row.getObject("sorted_by", OffsetDateTime.class).toInstant();
    };
  }

  /** A member of the JSON document in the column; null where it is no number and no text. */
  public static @Nullable Comparable<?> member(ResultSet row, String name) throws SQLException {
    JsonNode member = Json.read(row.getString("sorted_by")).path(name);
    return member.isNumber()
        ? (Double) member.doubleValue()
        : member.isString() ? member.stringValue() : null;
  }

  /** The refusal of an order. */
  public static ServiceException unknown(String key, String known) {
    return new ServiceException(
        ErrorCode.INVALID_PARAMETER,
        "order_by must be %s, with a '-' before it for the largest first, was '%s'"
            .formatted(known, key.length() <= 100 ? key : key.substring(0, 97) + "..."));
  }
}
