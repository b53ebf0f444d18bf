package io.trainyard.dataset;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The type of a column's values. */
public enum ColumnType {
  INTEGER,
  NUMBER,
  BOOLEAN,
  STRING,
  TIMESTAMP,
  TENSOR;

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

  /** Its name in JSON and in messages. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether its values are numbers, one for each row. */
  public boolean isNumber() {
    return this == INTEGER || this == NUMBER;
  }

  /** Whether its values are read as texts, which are categories and classes by themselves. */
  public boolean isText() {
    return this == STRING || this == BOOLEAN;
  }

  /** Sorts categories or classes: numbers by size, everything else by code point. */
  public List<String> sorted(List<String> labels) {
    Comparator<String> order =
        switch (this) {
          case INTEGER -> Comparator.comparingLong(Long::parseLong);
          case NUMBER -> Comparator.comparingDouble(Double::parseDouble);
          case BOOLEAN, STRING, TIMESTAMP, TENSOR -> BY_CODE_POINT;
        };
    return labels.stream().sorted(order).toList();
  }
}
