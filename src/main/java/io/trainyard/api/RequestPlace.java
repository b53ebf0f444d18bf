package io.trainyard.api;

import io.trainyard.access.Places;

/** The place that a request holds among those that are answered at once. */
public final class RequestPlace {
  /** That of the request that runs in this thread. */
  public static final ScopedValue<Places.Place> CURRENT = ScopedValue.newInstance();

  private RequestPlace() {}

  /**
   * Gives the place to other requests: this one waits for long and needs nothing. Those that wait
   * have a bound of their own.
   */
  public static void giveBack() {
    if (CURRENT.isBound()) {
      CURRENT.get().close();
    }
  }
}
