package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Repeats what the service is too busy for now, with pauses, for at most ten minutes. An outage has
 * no such limit.
 */
@Component
final class BusyRetries {
  static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** How soon a wait notices that it should end. */
  private static final Duration STEP = Duration.ofMillis(250);

  private static final Logger log = LoggerFactory.getLogger(BusyRetries.class);

  private final Outages outages;
  private final Clock clock;
  private final Sleep sleep;

  /** Waits. */
  interface Sleep {
    void sleep(Duration time) throws InterruptedException;
  }

  @Autowired
  BusyRetries(Outages outages, Clock clock) {
    this(outages, clock, Thread::sleep);
  }

  BusyRetries(Outages outages, Clock clock, Sleep sleep) {
    this.outages = outages;
    this.clock = clock;
    this.sleep = sleep;
  }

  /**
   * Does some work.
   *
   * @param hurried whether not to wait any longer
   * @throws ServiceException of the family BUSY when the service has been busy for too long
   */
  <T> T call(Supplier<T> work, BooleanSupplier hurried) {
    Instant end = clock.instant().plus(LIMIT);
    for (Duration pause = Duration.ofSeconds(1); ; pause = longer(pause)) {
      try {
        return outages.retryWhileDown(() -> readable(work));
      } catch (ServiceException e) {
        if (e.code().family() != ErrorCode.Family.BUSY || !await(pause, end, hurried)) {
          throw e;
        }
        log.info("Tried again: {} ({})", e.detail(), e.code().code());
      }
    }
  }

  /** A file that cannot be read now is an answer of the service that it is busy. */
  private static <T> T readable(Supplier<T> work) {
    try {
      return work.get();
    } catch (UncheckedIOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "Files of the service cannot be read or written", e);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  /** Whether there is time for another try. */
  private boolean await(Duration pause, Instant end, BooleanSupplier hurried) {
    Instant next = clock.instant().plus(pause);
    try {
      while (clock.instant().isBefore(next)) {
        if (hurried.getAsBoolean() || next.isAfter(end)) {
          return false;
        }
        sleep.sleep(STEP);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
