package io.trainyard.predict.request;

import io.trainyard.json.DecimalNumber;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads lists and objects of plain numbers straight from the bytes of a JSON body. It does not
 * explain faults: at anything unexpected it throws, and the caller falls back to a full JSON
 * parser.
 */
final class NumberScanner {
  private final byte[] in;
  private final int end;
  private final DecimalNumber decimal = new DecimalNumber();
  private int at;

  NumberScanner(byte[] in) {
    this.in = in;
    this.end = in.length;
  }

  /** Says that this class cannot read a body; it has neither message nor stack trace. */
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

  /** A number as the float nearest to its nearest double. */
  float floatNumber() throws Unexpected {
    float x = (float) number();
    if (!Float.isFinite(x)) {
      throw unexpected();
    }
    return x;
  }

  /** A number as the nearest double. */
  double number() throws Unexpected {
    skipSpace();
    expectJsonNumber();
    int next = read();
    if (next > 0 && !decimal.hasBarePoint()) {
      at = next;
      return decimal.value();
    }
    int start = at;
    skipNumber();
    double x = Double.parseDouble(new String(in, start, at - start, StandardCharsets.ISO_8859_1));
    if (!Double.isFinite(x)) {
      throw unexpected();
    }
    return x;
  }

  /** Unlike {@link DecimalNumber}, JSON has no plus sign, leading zeros or leading point. */
  private void expectJsonNumber() throws Unexpected {
    int first = at < end && in[at] == '-' ? at + 1 : at;
    if (!isDigit(first) || (in[first] == '0' && isDigit(first + 1))) {
      throw unexpected();
    }
  }

  private boolean isDigit(int index) {
    return index < end && in[index] >= '0' && in[index] <= '9';
  }

  /** The index behind the number, or −1; near the end of the body it reads a padded copy. */
  private int read() {
    if (end - at >= DecimalNumber.MAX_LENGTH) {
      return decimal.read(in, at);
    }
    int length = decimal.read(Arrays.copyOfRange(in, at, at + DecimalNumber.MAX_LENGTH), 0);
    return length < 0 ? -1 : at + length;
  }

  /** Skips a number of any length, as JSON writes it. */
  private void skipNumber() throws Unexpected {
    if (in[at] == '-') {
      at++;
    }
    skipDigits();
    if (at < end && in[at] == '.') {
      at++;
      skipDigits();
    }
    if (at < end && (in[at] | 0x20) == 'e') {
      at++;
      if (at < end && (in[at] == '-' || in[at] == '+')) {
        at++;
      }
      skipDigits();
    }
  }

  private void skipDigits() throws Unexpected {
    if (!isDigit(at)) {
      throw unexpected();
    }
    while (isDigit(at)) {
      at++;
    }
  }
}
