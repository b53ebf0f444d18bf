package io.trainyard.store.file;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.FailureClassifier;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognizes a data folder that cannot be written: no caller caused it, and it may pass. It is
 * logged once a minute, however many calls it stops.
 */
public final class DiskFaults implements FailureClassifier {
  private static final Logger log = LoggerFactory.getLogger(DiskFaults.class);
  private static final Duration QUIET = Duration.ofMinutes(1);

  /** How Linux words EROFS, EACCES and EIO. */
  private static final List<String> WORDS =
      List.of("read-only file system", "permission denied", "input/output error");

  private final Clock clock;
  private final AtomicLong quietUntil = new AtomicLong();

  public DiskFaults(Clock clock) {
    this.clock = clock;
  }

  /** The error to answer with, without paths; empty for any other failure. */
  @Override
  public Optional<ServiceException> classify(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof IOException fault) {
        if (FullDisk.is(fault)) {
          return Optional.of(FullDisk.noRoomFor("this request", fault));
        }
        if (isUnwritable(fault)) {
          warn(fault);
          return Optional.of(
              new ServiceException(
                  ErrorCode.UNAVAILABLE, "The data folder cannot be written", fault));
        }
      }
    }
    return Optional.empty();
  }

  private void warn(IOException fault) {
    long now = clock.millis();
    long until = quietUntil.get();
    if (now >= until && quietUntil.compareAndSet(until, now + QUIET.toMillis())) {
      log.warn("The data folder cannot be written; calls that write to it get 503", fault);
    }
  }

  private static boolean isUnwritable(IOException fault) {
    String message = String.valueOf(fault.getMessage()).toLowerCase(Locale.ROOT);
    return fault instanceof AccessDeniedException || WORDS.stream().anyMatch(message::contains);
  }
}
