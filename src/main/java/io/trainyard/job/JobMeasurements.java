package io.trainyard.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.trainyard.job.process.Message;
import io.trainyard.job.process.Supervision;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * Metrics of the jobs that ran here or in a worker of this process. A worker tells its supervisor,
 * whose metrics are scraped.
 */
@Component
public final class JobMeasurements {
  private final MeterRegistry meters;
  private final Clock clock;
  private final Supervision supervision;
  private final Counter rows;

  JobMeasurements(MeterRegistry meters, Clock clock, Supervision supervision) {
    this.meters = meters;
    this.clock = clock;
    this.supervision = supervision;
    this.rows =
        Counter.builder("trainyard.training.rows")
            .description("Rows trained on, counted once per epoch")
            .register(meters);
  }

  void started(Job job) {
    Instant started = job.startedAt();
    if (job.attempt() == 1 && started != null) {
      Duration wait = Duration.between(job.createdAt(), started);
      record(new Message.Waited(job.task().placement().pool(), wait.toNanos()));
    }
  }

  void finished(Job job, JobState.Name state) {
    Instant started = job.startedAt();
    if (started != null) {
      Duration duration = Duration.between(started, clock.instant());
      record(new Message.Ended(state.word(), duration.toNanos()));
    }
  }

  void trained(long count) {
    record(new Message.Trained(count));
  }

  private void record(Message.Measurement measurement) {
    if (supervision.present()) {
      supervision.send(measurement);
    } else {
      add(measurement);
    }
  }

  /** Adds what a worker measured. */
  public void add(Message.Measurement measurement) {
    switch (measurement) {
      case Message.Waited(String pool, long nanos) ->
          Timer.builder("trainyard.jobs.queue.wait")
              .description("From submission to the first start")
              .tag("pool", pool)
              .publishPercentileHistogram()
              .register(meters)
              .record(Duration.ofNanos(nanos));
      case Message.Ended(String state, long nanos) ->
          Timer.builder("trainyard.jobs.duration")
              .description("From the first start to the end")
              .tag("state", state)
              .register(meters)
              .record(Duration.ofNanos(nanos));
      case Message.Trained(long count) -> rows.increment((double) count);
    }
  }
}
