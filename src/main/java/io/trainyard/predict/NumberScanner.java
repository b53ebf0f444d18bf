package io.trainyard.predict;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the JSON that predictions are made of, numbers in lists and objects, straight from the
 * bytes. Whatever it does not expect it does not judge: it fails, and a reader that can explain
 * takes over.
 */
final class NumberScanner {
  /** Powers of ten that a double holds exactly. */
  private static final double[] POWERS = new double[23];

  static {
    double power = 1;
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = power;
      power *= 10;
    }
  }

  private static final long MAX_EXACT = 1L << 53;

  private final byte[] in;
  private final int end;
  private int at;

  NumberScanner(byte[] in) {
    this.in = in;
    this.end = in.length;
  }

  /** What keeps a body from being read here; it carries nothing. */
  static final class Unexpected extends Exception {
    private static final long serialVersionUID = 1L;

    private Unexpected() {
      super(null, null, false, false);
    }
  }

  static Unexpected unexpected() {
    return new Unexpected();
  }

  /** Whether this byte comes next; takes it if so. */
  boolean take(char expected) {
    skipSpace();
    if (at < end && in[at] == expected) {
      at++;
      return true;
    }
    return false;
  }

  void expect(char expected) throws Unexpected {
    if (!take(expected)) {
      throw unexpected();
    }
  }

  void expectEnd() throws Unexpected {
    skipSpace();
    if (at != end) {
      throw unexpected();
    }
  }

  /** Whether this quoted name and a colon come next; takes both if so. */
  boolean takeName(byte[] quoted) {
    skipSpace();
    int length = quoted.length;
    if (length > end - at || !Arrays.equals(in, at, at + length, quoted, 0, length)) {
      return false;
    }
    int before = at;
    at += length;
    if (take(':')) {
      return true;
    }
    at = before;
    return false;
  }

  private void skipSpace() {
    while (at < end && (in[at] == ' ' || in[at] == '\n' || in[at] == '\r' || in[at] == '\t')) {
      at++;
    }
  }

  /** A number as the nearest double. */
  double number() throws Unexpected {
    return number(false);
  }

  /** A number as the float nearest to its nearest double. */
  float floatNumber() throws Unexpected {
    float x = (float) number(true);
    if (!Float.isFinite(x)) {
      throw unexpected();
    }
    return x;
  }

  private double number(boolean forFloat) throws Unexpected {
    skipSpace();
    int start = at;
    boolean negative = at < end && in[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    long digits = wholeDigits();
    int fraction = 0;
    int significant = at - first;
    if (at < end && in[at] == '.') {
      int point = ++at;
      while (at < end && isDigit(in[at])) {
        digits = digits * 10 + (in[at++] - '0');
      }
      fraction = at - point;
      significant += fraction;
      if (fraction == 0) {
        throw unexpected();
      }
    }
    int exponent = exponent() - fraction;
    double exact = significant > 18 ? Double.NaN : scaled(digits, exponent, forFloat);
    if (Double.isNaN(exact)) {
      double slow =
          Double.parseDouble(new String(in, start, at - start, StandardCharsets.ISO_8859_1));
      if (!Double.isFinite(slow)) {
        throw unexpected();
      }
      return slow;
    }
    return negative ? -exact : exact;
  }

  private long wholeDigits() throws Unexpected {
    if (at >= end || !isDigit(in[at])) {
      throw unexpected();
    }
    if (in[at] == '0') {
      at++;
      if (at < end && isDigit(in[at])) {
        throw unexpected(); // JSON has no leading zeros
      }
      return 0;
    }
    long digits = 0;
    while (at < end && isDigit(in[at])) {
      digits = digits * 10 + (in[at++] - '0');
    }
    return digits;
  }

  private int exponent() throws Unexpected {
    if (at >= end || (in[at] | 0x20) != 'e') {
      return 0;
    }
    at++;
    boolean negative = at < end && in[at] == '-';
    if (negative || (at < end && in[at] == '+')) {
      at++;
    }
    int first = at;
    int exponent = 0;
    while (at < end && isDigit(in[at])) {
      exponent = Math.min(exponent * 10 + (in[at++] - '0'), 100_000);
    }
    if (at == first) {
      throw unexpected();
    }
    return negative ? -exponent : exponent;
  }

  /**
   * digits · 10^exponent, or NaN when it would not be exact enough. With both factors exact one
   * rounding is left, which is the right one (Clinger 1990). For a float more digits may be there:
   * the double is then off by less than 2 units, which changes the float only near the middle
   * between two of them.
   */
  private static double scaled(long digits, int exponent, boolean forFloat) {
    if (exponent < -22 || exponent > 22) {
      return digits == 0 ? 0 : Double.NaN;
    }
    double x = exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
    if (digits <= MAX_EXACT) {
      return x;
    }
    if (!forFloat || x < Float.MIN_NORMAL || x > Float.MAX_VALUE) {
      return Double.NaN;
    }
    long dropped = Double.doubleToRawLongBits(x) & 0x1fff_ffffL;
    return Math.abs(dropped - 0x1000_0000L) < 4 ? Double.NaN : x;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
