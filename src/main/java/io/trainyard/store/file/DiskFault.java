package io.trainyard.store.file;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Recognizes a data folder that cannot be written: no caller caused it, and it may pass. */
public final class DiskFault {
  /** How Linux words EROFS, EACCES and EIO. */
  private static final List<String> WORDS =
      List.of("read-only file system", "permission denied", "input/output error");

  private DiskFault() {}

  /** The error to answer with, without paths; empty for any other failure. */
  public static Optional<ServiceException> classify(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof IOException fault) {
        if (FullDisk.is(fault)) {
          return Optional.of(FullDisk.noRoomFor("this request", fault));
        }
        if (isUnwritable(fault)) {
          return Optional.of(
              new ServiceException(
                  ErrorCode.UNAVAILABLE, "The data folder cannot be written", fault));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isUnwritable(IOException fault) {
    String message = String.valueOf(fault.getMessage()).toLowerCase(Locale.ROOT);
    return fault instanceof AccessDeniedException || WORDS.stream().anyMatch(message::contains);
  }
}
