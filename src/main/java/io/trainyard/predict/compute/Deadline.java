package io.trainyard.predict.compute;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Until when a caller waits.
 *
 * @param start in nanoseconds
 * @param limit from the start
 * @param hasLeft whether the caller has hung up or cancelled
 */
public record Deadline(long start, Duration limit, BooleanSupplier hasLeft) {
  /** From now, for a caller that never leaves. */
  public static Deadline in(Duration limit) {
    return new Deadline(System.nanoTime(), limit, () -> false);
  }

  boolean isOver() {
    return System.nanoTime() - start >= limit.toNanos();
  }

  /** Why there is no answer. */
  ServiceException missed() {
    return new ServiceException(
        ErrorCode.UNAVAILABLE,
        isOver() ? "The answer was not ready within " + seconds() + " s" : "The caller has left");
  }

  private String seconds() {
    return BigDecimal.valueOf(limit.toNanos(), 9).stripTrailingZeros().toPlainString();
  }
}
