package io.trainyard.dataset;

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
}
