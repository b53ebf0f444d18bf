package io.trainyard.json;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A constant of an enum that callers write as a word. */
public interface Word {
  String name();

  /** The name in JSON: that of the constant in lower case. */
  default String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The constant of a word; empty when there is none. */
  static <E extends Enum<E> & Word> Optional<E> of(Class<E> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> each.word().equals(word))
        .findFirst();
  }
}
