package io.trainyard.predict;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The versions that could not be loaded. Each try reads and hashes the whole file, so the next one
 * waits: twice as long after each failure, up to a bound. The last failures are kept.
 */
final class FailedLoads {
  private static final int MOST = 1_000;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final long longestPause;
  private final LongSupplier nanoTime;

  /** By version id, the oldest failure first. */
  private final Map<Long, Failure> failures = new LinkedHashMap<>();

  FailedLoads(Duration longestPause, LongSupplier nanoTime) {
    this.longestPause = longestPause.toNanos();
    this.nanoTime = nanoTime;
  }

  private record Failure(Throwable cause, long pause, long until) {}

  /** Why a version is not loaded again yet, or null. */
  synchronized @Nullable Throwable barring(long version) {
    Failure failure = failures.get(version);
    return failure == null || nanoTime.getAsLong() - failure.until() >= 0 ? null : failure.cause();
  }

  synchronized void add(long version, Throwable cause) {
    Failure last = failures.remove(version);
    long pause = last == null ? FIRST_PAUSE.toNanos() : 2 * last.pause();
    long bounded = Math.min(pause, longestPause);
    failures.put(version, new Failure(cause, bounded, nanoTime.getAsLong() + bounded));
    if (failures.size() > MOST) {
      failures.remove(failures.keySet().iterator().next());
    }
  }

  synchronized void remove(long version) {
    failures.remove(version);
  }
}
