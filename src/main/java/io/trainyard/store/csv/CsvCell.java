package io.trainyard.store.csv;

import io.trainyard.dataset.TimestampText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of one cell, and the kind of value they are. One instance is reused for all cells. */
final class CsvCell {
  /** The kinds of values. Hexadecimal numbers, digit separators and infinities are texts. */
  enum Kind {
    EMPTY,
    INTEGER,
    NUMBER,
    NAN,
    BOOLEAN,
    TIME,
    OTHER
  }

  private byte[] bytes = new byte[256];
  private int length;

  static CsvCell of(String text) {
    CsvCell cell = new CsvCell();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      cell.add(b);
    }
    return cell;
  }

  void clear() {
    length = 0;
  }

  int length() {
    return length;
  }

  void add(byte b) {
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, length * 2);
    }
    bytes[length++] = b;
  }

  void add(byte[] from, int begin, int end) {
    int more = end - begin;
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
    System.arraycopy(from, begin, bytes, length, more);
    length += more;
  }

  String text() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The value of a cell that is a number. */
  double doubleValue() {
    return Double.parseDouble(text());
  }

  /** The value of a cell that is a whole number. */
  long longValue() {
    return Long.parseLong(text().strip());
  }

  /** The value of a cell that is true or false. */
  boolean isTrue() {
    return Boolean.parseBoolean(text().strip());
  }

  boolean isAny(byte[][] texts) {
    for (byte[] text : texts) {
      if (text.length == length && Arrays.equals(text, 0, length, bytes, 0, length)) {
        return true;
      }
    }
    return false;
  }

  Kind kind() {
    int from = 0;
    int to = length;
    while (from < to && bytes[from] == ' ') {
      from++;
    }
    while (to > from && bytes[to - 1] == ' ') {
      to--;
    }
    if (length == 0) {
      return Kind.EMPTY;
    }
    if (from == to) {
      return Kind.OTHER;
    }
    byte first = bytes[from];
    if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
      return numberOrTime(from, to);
    }
    return switch (to - from) {
      case 3 -> is("nan", from) ? Kind.NAN : Kind.OTHER;
      case 4 -> is("true", from) ? Kind.BOOLEAN : Kind.OTHER;
      case 5 -> is("false", from) ? Kind.BOOLEAN : Kind.OTHER;
      default -> Kind.OTHER;
    };
  }

  private boolean is(String lower, int from) {
    for (int i = 0; i < lower.length(); i++) {
      if ((bytes[from + i] | 0x20) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private Kind numberOrTime(int from, int to) {
    int at = from;
    boolean negative = bytes[at] == '-';
    if (negative || bytes[at] == '+') {
      at++;
    }
    int whole = at;
    long accumulated = 0;
    boolean overflow = false;
    while (at < to && isDigit(bytes[at])) {
      int digit = bytes[at++] - '0';
      overflow |= accumulated < (Long.MIN_VALUE + digit) / 10;
      accumulated = accumulated * 10 - digit;
    }
    int digits = at - whole;
    if (at == to) {
      overflow |= !negative && accumulated == Long.MIN_VALUE;
      return digits == 0 ? Kind.OTHER : overflow ? finite(from, to, digits) : Kind.INTEGER;
    }
    if (digits == 4 && bytes[at] == '-' && !negative) {
      return TimestampText.matches(bytes, from, to) ? Kind.TIME : Kind.OTHER;
    }
    if (bytes[at] == '.') {
      int fraction = ++at;
      while (at < to && isDigit(bytes[at])) {
        at++;
      }
      digits += at - fraction;
    }
    if (digits == 0) {
      return Kind.OTHER;
    }
    int exponent = 0;
    if (at < to && (bytes[at] | 0x20) == 'e') {
      at++;
      if (at < to && (bytes[at] == '-' || bytes[at] == '+')) {
        at++;
      }
      int power = at;
      while (at < to && isDigit(bytes[at])) {
        at++;
      }
      exponent = at - power;
      if (exponent == 0) {
        return Kind.OTHER;
      }
    }
    if (at != to) {
      return Kind.OTHER;
    }
    return exponent >= 3 ? finite(from, to, 400) : finite(from, to, digits);
  }

  /** A number with few digits is within the range of a double; others are parsed to see. */
  private Kind finite(int from, int to, int digits) {
    if (digits < 300) {
      return Kind.NUMBER;
    }
    String text = new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    return Double.isFinite(Double.parseDouble(text)) ? Kind.NUMBER : Kind.OTHER;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
