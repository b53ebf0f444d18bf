package io.trainyard.dataset;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The caller of the current request. One that hung up does not need its answer, so long tasks ask
 * whether it still waits. Work without a request has no caller who could leave.
 */
public final class CurrentCaller {
  private static final ScopedValue<BooleanSupplier> LEFT = ScopedValue.newInstance();

  private CurrentCaller() {}

  /** Whether the caller of this thread's request has closed its connection. */
  public static boolean hasLeft() {
    return LEFT.isBound() && LEFT.get().getAsBoolean();
  }

  /**
   * Runs a request.
   *
   * @param left says whether the caller has left; asked only by the thread of the request
   */
  public static <T, X extends Exception> T call(
      BooleanSupplier left, ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(LEFT, left).call(request);
  }

  /**
   * Runs a part of a request for which its caller counts as gone once time is over: all that ends
   * when a caller leaves ends then.
   */
  public static <T, X extends Exception> T within(Duration limit, ScopedValue.CallableOp<T, X> part)
      throws X {
    return call(new Wait(LEFT.orElse(() -> false), System.nanoTime(), limit), part);
  }

  /** A wait that ends. The connection is asked about once a second, since that costs a call. */
  private static final class Wait implements BooleanSupplier {
    private static final long LOOK = Duration.ofSeconds(1).toNanos();

    private final BooleanSupplier left;
    private final long start;
    private final Duration limit;
    private long next;
    private boolean isOver;

    Wait(BooleanSupplier left, long start, Duration limit) {
      this.left = left;
      this.start = start;
      this.limit = limit;
      this.next = LOOK;
    }

    @Override
    public boolean getAsBoolean() {
      long waited = System.nanoTime() - start;
      if (!isOver && waited >= next) {
        next = waited + LOOK;
        isOver = left.getAsBoolean();
      }
      return isOver || waited >= limit.toNanos();
    }
  }
}
