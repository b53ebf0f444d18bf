package io.trainyard.store.csv;

/** Checks that a stream of bytes is UTF-8, without overlong forms and surrogates. */
final class Utf8Validator {
  private int missing;
  private int low;
  private int high;

  /** Whether a character has started and not ended. */
  boolean isIncomplete() {
    return missing > 0;
  }

  void reset() {
    missing = 0;
  }

  /** Reads a byte; false if it is invalid here. */
  boolean accept(byte next) {
    int b = next & 0xff;
    if (missing > 0) {
      boolean fits = b >= low && b <= high;
      missing = fits ? missing - 1 : 0;
      low = 0x80;
      high = 0xbf;
      return fits;
    }
    if (b < 0x80) {
      return true;
    }
    low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    missing =
        b >= 0xc2 && b <= 0xdf ? 1 : b >= 0xe0 && b <= 0xef ? 2 : b >= 0xf0 && b <= 0xf4 ? 3 : 0;
    return missing > 0;
  }
}
