package io.trainyard.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * JSON on its way to a stream, as bytes. A short text is kept as a whole, so that its length is
 * known; a longer one goes out piece by piece. The caller writes brackets, commas and colons.
 */
public final class JsonBytes {
  private static final int FIRST = 512;
  private static final int MOST = 1 << 16;

  /** No number has more characters. */
  private static final int NUMBER = 32;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private byte[] bytes = new byte[FIRST];
  private int size;
  private boolean flushed;

  public JsonBytes(OutputStream out) {
    this.out = out;
  }

  /** A text in quotes, escaped as JSON demands. */
  public static byte[] quoted(String text) {
    return of(json -> json.text(text));
  }

  /** The bytes of what a writer writes. */
  public static byte[] of(Consumer<JsonBytes> writer) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    JsonBytes json = new JsonBytes(whole);
    writer.accept(json);
    json.flush();
    return whole.toByteArray();
  }

  /** The bytes of a text that needs no escapes. */
  public static byte[] plain(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Bytes that are JSON already. */
  public void raw(byte[] json) {
    room(json.length);
    if (json.length > bytes.length - size) {
      write(json, json.length);
      return;
    }
    System.arraycopy(json, 0, bytes, size, json.length);
    size += json.length;
  }

  /** A bracket, a comma or a colon. */
  public void raw(char sign) {
    room(1);
    bytes[size++] = (byte) sign;
  }

  /** A number; NaN and infinities are strings, because JSON has no such numbers. */
  public void number(float x) {
    number(Float.toString(x), Float.isFinite(x));
  }

  /** As {@link #number(float)}. */
  public void number(double x) {
    number(Double.toString(x), Double.isFinite(x));
  }

  public void number(long x) {
    number(Long.toString(x), true);
  }

  private void number(String digits, boolean finite) {
    room(NUMBER);
    if (!finite) {
      bytes[size++] = '"';
    }
    for (int i = 0; i < digits.length(); i++) {
      bytes[size++] = (byte) digits.charAt(i);
    }
    if (!finite) {
      bytes[size++] = '"';
    }
  }

  public void truth(boolean truth) {
    raw(truth ? TRUE : FALSE);
  }

  private static final byte[] TRUE = plain("true");
  private static final byte[] FALSE = plain("false");

  /** A text in quotes, escaped. */
  public void text(String text) {
    raw('"');
    for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
      switch (next) {
        case '"', '\\' -> {
          raw('\\');
          raw((char) next);
        }
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        case '\b' -> escape('b');
        case '\f' -> escape('f');
        default -> {
          if (next >= 0 && next < ' ') {
            escape('u');
            raw('0');
            raw('0');
            raw((char) HEX[next >> 4]);
            raw((char) HEX[next & 15]);
          } else {
            room(1);
            bytes[size++] = next;
          }
        }
      }
    }
    raw('"');
  }

  private void escape(char letter) {
    raw('\\');
    raw(letter);
  }

  /** Makes room for some bytes where that is possible. */
  private void room(int more) {
    if (more <= bytes.length - size) {
      return;
    }
    if (bytes.length < MOST) {
      bytes = Arrays.copyOf(bytes, Math.min(MOST, Math.max(2 * bytes.length, size + more)));
    }
    if (more > bytes.length - size) {
      flush();
    }
  }

  private void flush() {
    flushed = true;
    write(bytes, size);
    size = 0;
  }

  private void write(byte[] from, int count) {
    try {
      out.write(from, 0, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether nothing went out yet, so that {@link #size} is the length of the whole text. */
  public boolean isWhole() {
    return !flushed;
  }

  /** The bytes that did not go out yet. */
  public int size() {
    return size;
  }

  /** Sends the rest. */
  public void finish() throws IOException {
    out.write(bytes, 0, size);
    size = 0;
  }
}
