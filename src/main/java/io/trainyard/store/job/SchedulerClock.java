package io.trainyard.store.job;

import com.github.kagkarlsson.scheduler.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clock of db-scheduler, which waits until the clock shows a time: when the clock is set back
 * by an hour, it would look for no job and send no heartbeat for an hour, and others would take the
 * jobs of a worker that lives. Each of its threads is told once that the time has passed; after
 * that, the clock as it is.
 */
final class SchedulerClock implements Clock {
  /** What a clock that is kept right may step back, and more than a thread wakes too early. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private final java.time.Clock clock;
  private final LongSupplier nanoTime;

  @SuppressWarnings("ThreadLocalUsage") // a scheduler has one clock, for as long as it lives
  private final ThreadLocal<@Nullable Seen> seen = new ThreadLocal<>();

  private record Seen(Instant time, long nanos) {}

  SchedulerClock(java.time.Clock clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  @Override
  public Instant now() {
    Seen now = new Seen(clock.instant(), nanoTime.getAsLong());
    Seen last = seen.get();
    seen.set(now);
    if (last == null) {
      return now.time();
    }
    Instant passed = last.time().plusNanos(now.nanos() - last.nanos());
    return now.time().isBefore(passed.minus(TOLERANCE)) ? passed.plus(TOLERANCE) : now.time();
  }
}
