package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import java.util.Comparator;
import java.util.List;

/** Sorts categories and classes, and names them in messages. */
public final class Categories {
  /** The most categories or classes of a column; more is almost always a mistake. */
  public static final int LIMIT = 10_000;

  private static final int NAMED = 10;

  /** By code point; {@link String#compareTo} compares UTF-16 units. */
  private static final Comparator<String> BY_CODE_POINT =
      (a, b) -> {
        int i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
          i++;
        }
        if (i == a.length() || i == b.length()) {
          return a.length() - b.length();
        }
        if (i > 0 && Character.isHighSurrogate(a.charAt(i - 1))) {
          i--;
        }
        return Integer.compare(a.codePointAt(i), b.codePointAt(i));
      };

  private Categories() {}

  /** Numbers by size, everything else by code point. */
  static List<String> sorted(ColumnType type, List<String> found) {
    return found.stream()
        .sorted(
            switch (type) {
              case INTEGER -> Comparator.comparingLong(Long::parseLong);
              case NUMBER -> Comparator.comparingDouble(Double::parseDouble);
              case BOOLEAN, STRING, TIMESTAMP, TENSOR -> BY_CODE_POINT;
            })
        .toList();
  }

  /** Whether a number's text is a whole number. */
  static boolean isWhole(String number) {
    double parsed = Double.parseDouble(number);
    return parsed == Math.rint(parsed);
  }

  static String unknown(ColumnEncoding.Category category, String text) {
    return "'"
        + shorten(text)
        + "' is not among the known categories of '"
        + category.column()
        + "': "
        + list(category.categories());
  }

  static String list(List<String> items) {
    String named = String.join(", ", items.stream().limit(NAMED).map(Categories::shorten).toList());
    return items.size() <= NAMED ? named : named + " and " + (items.size() - NAMED) + " more";
  }

  public static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
