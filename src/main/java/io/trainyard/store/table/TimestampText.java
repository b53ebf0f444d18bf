package io.trainyard.store.table;

import java.nio.charset.StandardCharsets;
import java.time.YearMonth;

/**
 * Recognizes texts that are timestamps, for CSV and JSON alike: {@code yyyy-mm-dd}, then optionally
 * {@code T} or a space and {@code hh:mm[:ss[.fraction]]}, then optionally {@code Z} or {@code
 * ±hh:mm}.
 */
public final class TimestampText {
  private static final int DATE = "yyyy-mm-dd".length();

  private TimestampText() {}

  /** Whether a text is a timestamp; spaces around it are ignored. */
  public static boolean matches(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int from = 0;
    int to = bytes.length;
    while (from < to && bytes[from] == ' ') {
      from++;
    }
    while (to > from && bytes[to - 1] == ' ') {
      to--;
    }
    return matches(bytes, from, to);
  }

  /** Whether the bytes from one index to another are a timestamp. */
  public static boolean matches(byte[] bytes, int from, int to) {
    if (!matches(bytes, "dddd-dd-dd", from, to) || !isDate(bytes, from)) {
      return false;
    }
    int at = from + DATE;
    if (at == to) {
      return true;
    }
    if ((bytes[at] != 'T' && bytes[at] != ' ')
        || !matches(bytes, "dd:dd", at + 1, to)
        || number(bytes, at + 1) > 23
        || number(bytes, at + 4) > 59) {
      return false;
    }
    at = endOfSeconds(bytes, at + 6, to);
    return at >= 0
        && (at == to
            || (bytes[at] == 'Z' && at + 1 == to)
            || ((bytes[at] == '+' || bytes[at] == '-')
                && to - at == 6
                && matches(bytes, "dd:dd", at + 1, to)));
  }

  private static boolean isDate(byte[] bytes, int from) {
    int month = number(bytes, from + 5);
    if (month < 1 || month > 12) {
      return false;
    }
    int year = number(bytes, from) * 100 + number(bytes, from + 2);
    int day = number(bytes, from + 8);
    return day >= 1 && day <= YearMonth.of(year, month).lengthOfMonth();
  }

  /** The index behind optional seconds and their fraction; −1 for seconds above 59. */
  private static int endOfSeconds(byte[] bytes, int from, int to) {
    if (!matches(bytes, ":dd", from, to)) {
      return from;
    }
    if (number(bytes, from + 1) > 59) {
      return -1;
    }
    int at = from + 3;
    if (at + 1 < to && bytes[at] == '.' && isDigit(bytes[at + 1])) {
      at++;
      while (at < to && isDigit(bytes[at])) {
        at++;
      }
    }
    return at;
  }

  /** The number of two digits. */
  private static int number(byte[] bytes, int at) {
    return (bytes[at] - '0') * 10 + bytes[at + 1] - '0';
  }

  /** Whether bytes start with a pattern, in which d stands for a digit. */
  private static boolean matches(byte[] bytes, String pattern, int from, int to) {
    if (to - from < pattern.length()) {
      return false;
    }
    for (int i = 0; i < pattern.length(); i++) {
      byte b = bytes[from + i];
      if (pattern.charAt(i) == 'd' ? !isDigit(b) : b != pattern.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
