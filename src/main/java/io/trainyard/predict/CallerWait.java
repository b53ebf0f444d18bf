package io.trainyard.predict;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How long a caller waits for an answer, and whether it still does.
 *
 * @param timeout from the arrival of the request; the service's own limit applies if it is shorter
 * @param hasLeft whether the caller has hung up or cancelled; asked now and then while it waits
 */
public record CallerWait(Duration timeout, BooleanSupplier hasLeft) {
  /** As long as the service allows. */
  public static final CallerWait LONGEST = new CallerWait(Duration.ofDays(1), () -> false);

  public CallerWait {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("a caller cannot wait for " + timeout);
    }
  }
}
