package io.trainyard.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Metrics of the job queue for monitoring. */
@Component
final class JobMetrics {
  private static final Duration FRESH = Duration.ofSeconds(2);

  private final MeterRegistry meters;
  private final Clock clock;
  private final Counter rows;

  JobMetrics(MeterRegistry meters, JobStore store, JobProperties properties, Clock clock) {
    this.meters = meters;
    this.clock = clock;
    this.rows =
        Counter.builder("trainyard.training.rows")
            .description("Rows trained on, counted once per epoch")
            .register(meters);
    Supplier<Map<String, Long>> depths = new Cached<>(store::queueDepths, Map.of());
    for (String pool : properties.pools().keySet()) {
      Gauge.builder("trainyard.jobs.queue.depth", () -> depths.get().getOrDefault(pool, 0L))
          .description("Queued jobs")
          .tag("pool", pool)
          .register(meters);
    }
    Supplier<Map<JobState.Name, Long>> states = new Cached<>(store::countByState, Map.of());
    for (JobState.Name state : JobState.Name.values()) {
      Gauge.builder("trainyard.jobs", () -> states.get().getOrDefault(state, 0L))
          .description("Jobs by state")
          .tag("state", state.word())
          .register(meters);
    }
  }

  void started(Job job) {
    Instant started = job.startedAt();
    if (job.attempt() == 1 && started != null) {
      Timer.builder("trainyard.jobs.queue.wait")
          .description("From submission to the first start")
          .tag("pool", job.task().placement().pool())
          .publishPercentileHistogram()
          .register(meters)
          .record(Duration.between(job.createdAt(), started));
    }
  }

  void finished(Job job, JobState.Name state) {
    Instant started = job.startedAt();
    if (started != null) {
      Timer.builder("trainyard.jobs.duration")
          .description("From the first start to the end")
          .tag("state", state.word())
          .register(meters)
          .record(Duration.between(started, clock.instant()));
    }
  }

  void trained(long count) {
    rows.increment((double) count);
  }

  /** A value from the database, read at most once in two seconds for all gauges. */
  private final class Cached<T> implements Supplier<T> {
    private final Supplier<T> source;
    private T last;
    private Instant read = Instant.MIN;

    Cached(Supplier<T> source, T first) {
      this.source = source;
      this.last = first;
    }

    @Override
    public synchronized T get() {
      Instant now = clock.instant();
      if (read.plus(FRESH).isBefore(now) || now.isBefore(read)) {
        last = source.get();
        read = now;
      }
      return last;
    }
  }
}
