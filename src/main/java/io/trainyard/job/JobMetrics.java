package io.trainyard.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.os.PeriodicTask;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Metrics of the job queue for monitoring. Jobs are counted in the background while somebody asks,
 * so that a scrape never waits for the database. What all processes share has the label {@code
 * scope="shared"}: each of them counts the same rows.
 */
@Component
final class JobMetrics implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JobMetrics.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** How long a count that was read may be shown. */
  private static final Duration KNOWN = Duration.ofSeconds(30);

  /** How long jobs are counted after a scrape. */
  private static final Duration ASKED = Duration.ofHours(1);

  private static final String SHARED =
      "; the same from each process of an installation, so take max, not sum";

  private final Clock clock;
  private final Counted<Map<String, Long>> depths;
  private final Counted<Map<JobState.Name, Long>> states;
  private final ScheduledExecutorService reader = PeriodicTask.thread("job-metrics");
  private volatile Instant askedAt;

  JobMetrics(MeterRegistry meters, JobCounts jobs, JobProperties properties, Clock clock) {
    this.clock = clock;
    this.askedAt = clock.instant();
    this.depths = new Counted<>(jobs::queued);
    for (String pool : properties.pools().keySet()) {
      Gauge.builder("trainyard.jobs.queue.depth", () -> count(depths.get(), pool))
          .description("Queued jobs" + SHARED)
          .tags("pool", pool, "scope", "shared")
          .register(meters);
    }
    this.states = new Counted<>(jobs::byState);
    for (JobState.Name state : JobState.Name.values()) {
      Gauge.builder("trainyard.jobs", () -> count(states.get(), state))
          .description("Jobs by state" + SHARED)
          .tags("state", state.word(), "scope", "shared")
          .register(meters);
    }
    PeriodicTask.start(reader, "metrics of jobs", Duration.ZERO, PAUSE, this::read);
  }

  /** Null, which is no value, while the database does not answer. */
  private static <K> @Nullable Long count(@Nullable Map<K, Long> counts, K key) {
    return counts == null ? null : counts.getOrDefault(key, 0L);
  }

  /** A value from the database; null while the database does not answer. */
  private final class Counted<T> {
    private final Supplier<T> source;
    private volatile @Nullable T last;
    private volatile Instant readAt = Instant.MIN;

    Counted(Supplier<T> source) {
      this.source = source;
    }

    @Nullable T get() {
      askedAt = clock.instant();
      return readAt.plus(KNOWN).isBefore(askedAt) ? null : last;
    }

    void read() {
      try {
        last = source.get();
        readAt = clock.instant();
      } catch (RuntimeException e) {
        log.debug("The metrics of jobs cannot be read: {}", e.toString());
        last = null;
      }
    }
  }

  private void read() {
    if (askedAt.plus(ASKED).isAfter(clock.instant())) {
      depths.read();
      states.read();
    }
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
