package io.trainyard.job;

import java.util.function.Supplier;

/** What a job waits out: the database, or the store of files, is down. */
public interface Outages {
  /**
   * Makes a change, and repeats it during an outage. When a change was stored but its answer was
   * lost, the repetition is refused like a lost race.
   */
  <T> T retryWhileDown(Supplier<T> change);

  /** Whether the cause of a failure is only an outage. */
  boolean isOutage(RuntimeException failure);
}
