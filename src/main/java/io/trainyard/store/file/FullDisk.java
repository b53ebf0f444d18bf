package io.trainyard.store.file;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.util.Locale;

/** No room on disk: nobody's fault, and likely to pass. */
public final class FullDisk {
  private FullDisk() {}

  /** Whether that is what a failure says. */
  public static boolean is(IOException failure) {
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  public static ServiceException noRoomFor(String what, IOException failure) {
    return new ServiceException(
        ErrorCode.UNAVAILABLE, "There is no room on disk for " + what, failure);
  }
}
