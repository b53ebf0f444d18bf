package io.trainyard.store.file;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.util.Locale;

/** Recognizes a full disk or an exhausted quota: a temporary fault that no caller caused. */
public final class FullDisk {
  /** How Linux words ENOSPC. */
  static final String NO_SPACE = "No space left on device";

  private FullDisk() {}

  /** Whether the message of a failure, of Java's or of DuckDB's, says so. */
  public static boolean is(Exception failure) {
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  /** Throws {@link #noRoomFor} if a failure means that the disk is full. */
  public static void throwIfFull(String what, IOException failure) {
    if (is(failure)) {
      throw noRoomFor(what, failure);
    }
  }

  /** The error to answer with, for example for {@code "the weights"}. */
  public static ServiceException noRoomFor(String what, Exception failure) {
    return new ServiceException(
        ErrorCode.UNAVAILABLE, "There is no room on disk for " + what, failure);
  }
}
