package io.trainyard.api;

import io.trainyard.access.FairSlots;

/** The place that a request holds among those that are answered at once. */
public final class RequestPlace {
  /** That of the request that runs in this thread. */
  public static final ScopedValue<RequestPlace> CURRENT = ScopedValue.newInstance();

  private final FairSlots.Place place;

  /** As {@link System#nanoTime} tells; 0 while it holds the place. */
  private volatile long givenBackAt;

  public RequestPlace(FairSlots.Place place) {
    this.place = place;
  }

  /**
   * Gives the place to other requests: this one waits for long and needs nothing. Those that wait
   * have a bound of their own.
   */
  public static void giveBack() {
    if (CURRENT.isBound()) {
      RequestPlace own = CURRENT.get();
      long now = System.nanoTime();
      own.givenBackAt = now == 0 ? 1 : now;
      own.place.close();
    }
  }

  /**
   * Until when this thread's request has kept the service busy, as {@link System#nanoTime} tells:
   * now, or when it began to wait for something.
   */
  public static long busyUntil() {
    long givenBackAt = CURRENT.isBound() ? CURRENT.get().givenBackAt : 0;
    return givenBackAt == 0 ? System.nanoTime() : givenBackAt;
  }
}
