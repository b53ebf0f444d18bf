package io.trainyard.predict;

import org.jspecify.annotations.Nullable;

/**
 * Requests by which the service warms up itself: they take every caller's way, and count nowhere.
 */
public final class Practice {
  private static final ScopedValue<Boolean> ON = ScopedValue.newInstance();

  private Practice() {}

  /** Whether this thread answers such a request. */
  public static boolean isOn() {
    return ON.isBound();
  }

  /** Answers such a request. */
  public static <T extends @Nullable Object, X extends Throwable> T call(
      ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(ON, true).call(request);
  }
}
