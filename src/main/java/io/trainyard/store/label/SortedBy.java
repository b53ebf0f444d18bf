package io.trainyard.store.label;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** The column {@code sorted_by} of a query. */
public final class SortedBy {
  private SortedBy() {}

  public static @Nullable Comparable<?> read(ResultSet row) throws SQLException {
    return switch (row.getObject("sorted_by")) {
      case Long number -> number;
      case Integer number -> number.longValue();
      case String text -> text;
      case null -> null;
      default -> row.getObject("sorted_by", OffsetDateTime.class).toInstant();
    };
  }

  /** The refusal of an order. */
  public static ServiceException unknown(String key, String known) {
    return new ServiceException(
        ErrorCode.INVALID_PARAMETER,
        "order_by must be %s, with a '-' before it for the largest first, was '%s'"
            .formatted(known, key.length() <= 100 ? key : key.substring(0, 97) + "..."));
  }
}
