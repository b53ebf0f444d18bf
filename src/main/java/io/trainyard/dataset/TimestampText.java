package io.trainyard.dataset;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Recognizes texts that are timestamps, in datasets and requests alike: {@code yyyy-mm-dd}, then
 * optionally {@code T} or a space and {@code hh:mm[:ss[.fraction]]}, then optionally {@code Z} or
 * {@code ±hh:mm}.
 */
public final class TimestampText {
  private static final int DATE = "yyyy-mm-dd".length();

  private static final long SECOND = 1_000_000;
  private static final long MINUTE = 60 * SECOND;

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

  /** The microseconds since 1970 of a text that is a timestamp; spaces around it are ignored. */
  public static long micros(byte[] bytes) {
    int from = 0;
    while (bytes[from] == ' ') {
      from++;
    }
    int to = bytes.length;
    while (bytes[to - 1] == ' ') {
      to--;
    }
    int year = number(bytes, from) * 100 + number(bytes, from + 2);
    long days = LocalDate.of(year, number(bytes, from + 5), number(bytes, from + 8)).toEpochDay();
    int at = from + DATE;
    if (at == to) {
      return days * 24 * 60 * MINUTE;
    }
    long minutes = days * 24 * 60 + number(bytes, at + 1) * 60L + number(bytes, at + 4);
    int end = endOfSeconds(bytes, at + 6, to);
    long micros = end == at + 6 ? 0 : number(bytes, at + 7) * SECOND;
    long unit = SECOND / 10;
    // Digits beyond microseconds are left out.
    for (int i = at + 10; i < end; i++) {
      micros += (bytes[i] - '0') * unit;
      unit /= 10;
    }
    if (to - end == 6) {
      int offset = number(bytes, end + 1) * 60 + number(bytes, end + 4);
      minutes += bytes[end] == '-' ? offset : -offset;
    }
    return minutes * MINUTE + micros;
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
