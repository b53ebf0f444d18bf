package io.trainyard.error;

/** The whole numbers that a setting takes. */
public final class SettingRange {
  private SettingRange() {}

  /**
   * Refuses a number outside of its range.
   *
   * @param setting its full name
   */
  public static void require(String setting, long number, long min, long max) {
    if (number < min || number > max) {
      throw new IllegalArgumentException(
          setting + " must be in " + min + ".." + max + ", was " + number);
    }
  }
}
