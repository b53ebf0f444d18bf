package io.trainyard.access;

import org.jspecify.annotations.Nullable;

/**
 * What the current request changes, for the audit log. The code that makes the change notes it; a
 * request without a note is logged by its operation and path alone.
 */
public final class Change {
  private static final ScopedValue<Change> CURRENT = ScopedValue.newInstance();

  private @Nullable Object before;
  private @Nullable Object after;

  /** Runs a request, and keeps here what it notes. */
  public <T, X extends Exception> T call(ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(CURRENT, this).call(request);
  }

  /**
   * Notes what was there before the change, and what is there now; null: nothing. Both are written
   * as JSON.
   */
  public static void note(@Nullable Object before, @Nullable Object after) {
    if (CURRENT.isBound()) {
      CURRENT.get().before = before;
      CURRENT.get().after = after;
    }
  }

  public @Nullable Object before() {
    return before;
  }

  public @Nullable Object after() {
    return after;
  }
}
