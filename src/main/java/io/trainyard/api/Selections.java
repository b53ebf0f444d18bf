package io.trainyard.api;

import io.trainyard.error.ServiceException;
import io.trainyard.label.Labels;
import io.trainyard.label.Selection;
import io.trainyard.label.Selection.Order;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a list is asked for. */
public final class Selections {
  /** Asks for things whether they are archived or not. */
  private static final String ANY = "any";

  /** Every database can compare these times. */
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private Selections() {}

  /**
   * From the query parameters of these names. Lists leave out what is archived unless they are
   * asked.
   */
  public static Selection of(
      HttpServletRequest request,
      @Nullable String owner,
      @Nullable String orderBy,
      @Nullable String createdAfter,
      @Nullable String archived) {
    // Spring would part a text at its commas.
    String[] tags = request.getParameterValues("tag");
    return new Selection(
        tags == null ? Map.of() : tags(tags),
        owner == null || owner.isEmpty() ? null : owner,
        createdAfter == null ? null : time(createdAfter),
        archived(archived),
        orderBy == null ? null : order(orderBy));
  }

  private static Map<String, String> tags(String[] texts) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (String text : texts) {
      int colon = text.indexOf(':');
      if (colon < 0 || !text.substring(0, colon).matches(Labels.TAG_NAME)) {
        throw invalid("tag must be a name and a value as in team:vision, was '%s'", text);
      }
      String name = text.substring(0, colon);
      String before = tags.put(name, text.substring(colon + 1));
      if (before != null && !before.equals(tags.get(name))) {
        throw invalid("tag names '%s' twice, with different values", name);
      }
    }
    return tags;
  }

  private static Instant time(String text) {
    try {
      Instant time = OffsetDateTime.parse(text.replace(' ', '+')).toInstant();
      if (!time.isBefore(EARLIEST) && !time.isAfter(LATEST)) {
        return time;
      }
    } catch (DateTimeParseException e) {
      // answered below
    }
    throw invalid("created_after must be a time as in 2026-01-31T08:00:00Z, was '%s'", text);
  }

  private static @Nullable Boolean archived(@Nullable String text) {
    return switch (text) {
      case null -> Boolean.FALSE;
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      case ANY -> null;
      default -> throw invalid("archived must be true, false or any, was '%s'", text);
    };
  }

  private static Order order(String text) {
    boolean descending = text.startsWith("-");
    String key = descending ? text.substring(1) : text;
    if (key.isEmpty()) {
      throw invalid("order_by must name a member or a metric, was '%s'", text);
    }
    return new Order(key, descending);
  }

  /** The refusal of a parameter; the detail shows the beginning of what came. */
  public static ServiceException invalid(String detail, String text) {
    String shown = text.length() <= 100 ? text : text.substring(0, 97) + "...";
    return ServiceException.parameter(detail.formatted(shown));
  }
}
