package io.trainyard.job.sweep;

import io.trainyard.access.FairTurns;
import io.trainyard.access.Identity;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Checks one sweep of a caller at a time, and those of all callers on half of the cores: the check
 * of a thousand trials computes for seconds, and predictions need the other cores.
 */
@Component
final class SweepTurns {
  private final FairTurns turns =
      new FairTurns(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), 1);

  private final Duration limit;

  SweepTurns(SweepProperties properties) {
    limit = properties.checkTimeout();
  }

  /**
   * Runs a check, which calls {@link #requireCaller} between its steps.
   *
   * @throws ServiceException UNAVAILABLE when it has not ended in time or the caller has left
   */
  <T> T call(Supplier<T> check) {
    long start = System.nanoTime();
    try {
      return CurrentCaller.within(
          limit,
          () -> {
            try (FairTurns.Turn _ = turn()) {
              return check.get();
            }
          });
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.UNAVAILABLE || System.nanoTime() - start < limit.toNanos()) {
        throw e;
      }
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "The sweep was not checked within %s s (trainyard.sweeps.check-timeout). One sweep of a caller is checked at a time: wait for the answer before you send the next. If it was the only one, ask for fewer trials, or leave out parameters that change 'inputs' or 'targets'"
              .formatted(
                  BigDecimal.valueOf(limit.toMillis(), 3).stripTrailingZeros().toPlainString()),
          e);
    }
  }

  private FairTurns.Turn turn() {
    String caller = Identity.current().counted();
    try {
      return Objects.requireNonNull(turns.take(caller, null, SweepTurns::requireCaller));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  /** Ends the check of a caller who no longer waits. Other requests get their turn in between. */
  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread that yields lets others run
  static void requireCaller() {
    if (CurrentCaller.hasLeft()) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The caller has left");
    }
    Thread.yield();
  }
}
