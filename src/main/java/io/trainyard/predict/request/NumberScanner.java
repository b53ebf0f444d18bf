package io.trainyard.predict.request;

import io.trainyard.json.DecimalNumber;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads lists and objects of numbers and short texts straight from the bytes of a JSON body. It
 * does not explain faults: at anything unexpected it throws, and the caller falls back to a full
 * JSON parser.
 */
public final class NumberScanner {
  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  /** Shorter bodies are copied. */
  private static final int SHORT = 4096;

  private static final int MOST_LEVELS = 16;

  private final byte[] in;
  private final int end;
  private final DecimalNumber decimal = new DecimalNumber();
  private int at;
  private int textStart;
  private int textEnd;
  private boolean ascii;

  public NumberScanner(byte[] in) {
    // Numbers near the end are read with bytes behind them: a short body gets them at once.
    this.in = in.length <= SHORT ? Arrays.copyOf(in, in.length + DecimalNumber.MAX_LENGTH) : in;
    this.end = in.length;
  }

  public int length() {
    return end;
  }

  /** Where the next byte is. */
  public int position() {
    return at;
  }

  /** Goes back to an earlier position. */
  void backTo(int position) {
    at = position;
  }

  /** The bytes of the body, of which {@link #textStart} to {@link #textEnd} are the last text. */
  byte[] bytes() {
    return in;
  }

  int textStart() {
    return textStart;
  }

  int textEnd() {
    return textEnd;
  }

  /** Whether the last text has only ASCII characters; others were not checked. */
  boolean isAscii() {
    return ascii;
  }

  /** Says that this class cannot read a body; it has neither message nor stack trace. */
  public static final class Unexpected extends Exception {
    private static final long serialVersionUID = 1L;

    private Unexpected() {
      super(null, null, false, false);
    }
  }

  public static Unexpected unexpected() {
    return new Unexpected();
  }

  /** Whether this byte comes next; takes it if so. */
  public boolean take(char expected) {
    skipSpace();
    if (at < end && in[at] == expected) {
      at++;
      return true;
    }
    return false;
  }

  /** Whether this byte comes next. */
  public boolean isNext(char expected) {
    skipSpace();
    return at < end && in[at] == expected;
  }

  public void expect(char expected) throws Unexpected {
    if (!take(expected)) {
      throw unexpected();
    }
  }

  public void expectEnd() throws Unexpected {
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

  /** Takes the name of a member, without its colon. */
  void name() throws Unexpected {
    text();
    if (!ascii) {
      throw unexpected();
    }
  }

  /** The name of a member, which is taken with its colon. */
  public String memberName() throws Unexpected {
    name();
    String name = new String(in, textStart, textEnd - textStart, StandardCharsets.US_ASCII);
    expect(':');
    return name;
  }

  /** Skips a value of any kind that has few levels, and says where it began. */
  public int skipValue() throws Unexpected {
    skipSpace();
    int start = at;
    skipValue(MOST_LEVELS);
    return start;
  }

  private void skipValue(int levels) throws Unexpected {
    boolean object = isNext('{');
    if (!object && !isNext('[')) {
      skipScalar();
      return;
    }
    if (levels == 0) {
      throw unexpected();
    }
    at++;
    char close = object ? '}' : ']';
    if (take(close)) {
      return;
    }
    do {
      if (object) {
        name();
        expect(':');
      }
      skipValue(levels - 1);
    } while (take(','));
    expect(close);
  }

  /** Takes a text without escapes; its bytes beyond ASCII are not checked. */
  void text() throws Unexpected {
    expect('"');
    textStart = at;
    int all = 0;
    while (at < end && in[at] != '"') {
      byte next = in[at++];
      if (next == '\\' || (next >= 0 && next < ' ')) {
        throw unexpected();
      }
      all |= next;
    }
    textEnd = at;
    ascii = all >= 0;
    expect('"');
  }

  /** Takes {@code true} or {@code false}, as a text. */
  void truth() throws Unexpected {
    skipSpace();
    textStart = at;
    if (!takeWord(TRUE) && !takeWord(FALSE)) {
      throw unexpected();
    }
    textEnd = at;
    ascii = true;
  }

  boolean takeNull() {
    skipSpace();
    return at < end && in[at] == 'n' && takeWord(NULL);
  }

  private boolean takeWord(byte[] word) {
    if (end - at < word.length || !Arrays.equals(in, at, at + word.length, word, 0, word.length)) {
      return false;
    }
    at += word.length;
    return true;
  }

  /** Takes a whole number as a text: digits without point, exponent and leading zeros. */
  void wholeToken() throws Unexpected {
    skipSpace();
    expectJsonNumber();
    textStart = at;
    boolean zero = in[at] == '-' && in[at + 1] == '0';
    at += in[at] == '-' ? 1 : 0;
    while (isDigit(at)) {
      at++;
    }
    textEnd = at;
    ascii = true;
    if (zero || isFraction()) {
      throw unexpected();
    }
  }

  private boolean isFraction() {
    return at < end && (in[at] == '.' || (in[at] | 0x20) == 'e');
  }

  /** A whole number without point and exponent, of at most 18 digits. */
  public long whole() throws Unexpected {
    skipSpace();
    expectJsonNumber();
    int next = read();
    if (next < 0 || !decimal.isWhole()) {
      throw unexpected();
    }
    at = next;
    return decimal.wholeValue();
  }

  /** Skips a number, a text of ASCII without escapes, or a word. */
  void skipScalar() throws Unexpected {
    skipSpace();
    switch (at < end ? in[at] : 0) {
      case '"' -> name();
      case 't', 'f' -> truth();
      case 'n' -> {
        if (!takeNull()) {
          throw unexpected();
        }
      }
      default -> {
        var _ = number();
      }
    }
  }

  private void skipSpace() {
    while (at < end && (in[at] == ' ' || in[at] == '\n' || in[at] == '\r' || in[at] == '\t')) {
      at++;
    }
  }

  /** A number as the float nearest to its nearest double. */
  public float floatNumber() throws Unexpected {
    float x = (float) number();
    if (!Float.isFinite(x)) {
      throw unexpected();
    }
    return x;
  }

  /** A number as the nearest double. */
  public double number() throws Unexpected {
    skipSpace();
    expectJsonNumber();
    int next = read();
    if (next > 0 && !decimal.hasBarePoint()) {
      at = next;
      // A whole number has no negative zero.
      return decimal.isWhole() && decimal.wholeValue() == 0 ? 0 : decimal.value();
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
    if (in.length - at >= DecimalNumber.MAX_LENGTH) {
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
