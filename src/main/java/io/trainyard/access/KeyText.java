package io.trainyard.access;

import io.trainyard.os.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * The text of a key: a prefix by which scanners for secrets find it, 256 random bits, and a
 * checksum. A text with a wrong checksum was never a key, which is seen without a look-up.
 */
public final class KeyText {
  private static final String PREFIX = "ty_";
  private static final int RANDOM_BYTES = 32;
  private static final int CHECKSUM_DIGITS = 8;
  private static final int LENGTH = PREFIX.length() + 2 * RANDOM_BYTES + CHECKSUM_DIGITS;

  /** Shown to tell keys apart: far too few of the 64 digits to guess the rest. */
  private static final int SHOWN = PREFIX.length() + 8;

  private static final SecureRandom RANDOM = new SecureRandom();

  private KeyText() {}

  /** A new key. */
  public static String random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    String text = PREFIX + HexFormat.of().formatHex(bytes);
    return text + checksum(text);
  }

  /** Whether a text could be a key that this service has made. */
  static boolean isWellFormed(String text) {
    if (text.length() != LENGTH || !text.startsWith(PREFIX)) {
      return false;
    }
    int end = LENGTH - CHECKSUM_DIGITS;
    return text.substring(end).equals(checksum(text.substring(0, end)));
  }

  private static String checksum(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits((int) sum.getValue());
  }

  /** The part of a key that is shown in lists. */
  static String prefix(String key) {
    return key.substring(0, Math.min(SHOWN, key.length() / 4));
  }

  /** Whether a text could be stored in place of a key. */
  static boolean isHash(String text) {
    return text.matches("[0-9a-f]{64}");
  }

  /** What is stored in place of a key: with 256 random bits it needs no slow hash. */
  static byte[] sha256(String key) {
    return Sha256.digest(key);
  }
}
