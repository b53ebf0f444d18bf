package io.trainyard.attack;

import io.trainyard.Http;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A copy of a file that is wrong in a few places: other bytes, numbers and lengths. */
public final class MutatedFile {
  /** Texts that readers of rows and of files may take for something else. */
  public static final List<String> PIECES =
      List.of(
          "\"",
          "\"\"",
          ",",
          ";",
          "\t",
          "\r",
          "\n",
          "\r\n",
          "\0",
          "\uFEFF",
          "é",
          "😀",
          "NaN",
          "nan",
          "-inf",
          "1e400",
          "-1e-400",
          "0x1F",
          "1_000",
          "--1",
          "1.2.3",
          "null",
          "true",
          "{",
          "}",
          "[",
          "]",
          "\\u0000",
          "\\",
          "'",
          "2026-13-45",
          "PAR1",
          "PK\3\4",
          "9223372036854775808",
          "-1");

  /** Lengths, offsets and counts that a reader must not believe. */
  private static final long[] NUMBERS = {
    0,
    -1,
    1,
    127,
    128,
    255,
    65_535,
    65_536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private MutatedFile() {}

  /** A mutated copy. */
  public static byte[] of(byte[] good, RandomGenerator random) {
    byte[] bytes = good;
    for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
      bytes = changed(bytes.clone(), random);
    }
    return bytes;
  }

  private static byte[] changed(byte[] bytes, RandomGenerator random) {
    // Heads and tails say what the rest is.
    int at =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(Math.min(64, bytes.length));
          case 1 -> bytes.length - 1 - random.nextInt(Math.min(64, bytes.length));
          default -> random.nextInt(bytes.length);
        };
    switch (random.nextInt(9)) {
      case 0, 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 3 -> bytes[at] = (byte) 0xff;
      case 4 -> number(bytes, at, random);
      case 5 -> {
        String piece = PIECES.get(random.nextInt(PIECES.size()));
        return joined(bytes, at, Http.utf8(piece), at);
      }
      case 6 -> {
        int end = at + random.nextInt(Math.min(40, bytes.length - at));
        return joined(bytes, at, new byte[0], end);
      }
      case 7 -> {
        int end = at + random.nextInt(Math.min(40, bytes.length - at));
        return joined(bytes, end, Arrays.copyOfRange(bytes, at, end), end);
      }
      default -> {
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
      }
    }
    return bytes;
  }

  private static void number(byte[] bytes, int at, RandomGenerator random) {
    long number = NUMBERS[random.nextInt(NUMBERS.length)];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    buffer.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (at + 8 <= bytes.length && random.nextBoolean()) {
      buffer.putLong(at, number);
    } else if (at + 4 <= bytes.length) {
      buffer.putInt(at, (int) number);
    }
  }

  /** The bytes before {@code head}, a piece, and those from {@code tail} on. */
  private static byte[] joined(byte[] bytes, int head, byte[] piece, int tail) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, head);
    out.writeBytes(piece);
    out.write(bytes, tail, bytes.length - tail);
    return out.toByteArray();
  }
}
