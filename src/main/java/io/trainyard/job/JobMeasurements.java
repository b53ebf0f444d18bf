package io.trainyard.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.trainyard.error.ErrorCode;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.job.process.Message;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.Workers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Metrics of the jobs that ran here or in a worker of this process. A worker tells its supervisor,
 * whose metrics are scraped.
 */
@Component
public final class JobMeasurements {
  private static final Duration[] WAITS =
      seconds(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 10_800, 43_200, 86_400);

  private static final Duration[] DURATIONS =
      seconds(0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 10_800, 43_200, 86_400, 259_200);

  private static final Duration[] CHECKPOINT_TIMES =
      seconds(0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300);

  private static final double[] CHECKPOINT_SIZES =
      DoubleStream.of(10, 14, 17, 20, 23, 26, 28, 30, 32, 34)
          .map(bits -> Math.pow(2, bits))
          .toArray();

  private final MeterRegistry meters;
  private final Clock clock;
  private final Supervision supervision;
  private final JobSpans spans;
  private final Counter rows;
  private final Timer checkpoints;
  private final DistributionSummary checkpointSizes;
  private final Counter checkpointFailures;

  /** The jobs that run in this process itself, by pool. */
  private final Map<String, Integer> busy = new ConcurrentHashMap<>();

  JobMeasurements(
      MeterRegistry meters,
      Clock clock,
      Supervision supervision,
      JobSpans spans,
      Workers workers,
      Roles roles,
      JobProperties properties) {
    this.meters = meters;
    this.clock = clock;
    this.supervision = supervision;
    this.spans = spans;
    this.rows =
        Counter.builder("trainyard.training.rows")
            .description("Rows trained on, counted once per epoch")
            .register(meters);
    this.checkpoints =
        Timer.builder("trainyard.jobs.checkpoint")
            .description("Time to store a checkpoint")
            .serviceLevelObjectives(CHECKPOINT_TIMES)
            .register(meters);
    this.checkpointSizes =
        DistributionSummary.builder("trainyard.jobs.checkpoint.size")
            .description("Size of a stored checkpoint")
            .baseUnit(BaseUnits.BYTES)
            .serviceLevelObjectives(CHECKPOINT_SIZES)
            .register(meters);
    this.checkpointFailures =
        Counter.builder("trainyard.jobs.checkpoint.failures")
            .description("Checkpoints that could not be stored; their jobs went on")
            .register(meters);
    // All are there from the start, so that a rate shows the first one.
    for (ErrorCode code : ErrorCode.values()) {
      var _ = failures(code.code());
    }
    for (Map.Entry<String, WorkerPool> each : properties.pools().entrySet()) {
      String pool = each.getKey();
      Gauge.builder("trainyard.jobs.slots", () -> roles.worker() ? each.getValue().slots() : 0)
          .description("Jobs that this process and its workers may run at once")
          .tag("pool", pool)
          .register(meters);
      Gauge.builder(
              "trainyard.jobs.slots.busy",
              () -> busy.getOrDefault(pool, 0) + workers.occupied(pool))
          .description("Jobs that this process and its workers run now")
          .tag("pool", pool)
          .register(meters);
      var _ = waits(pool);
      for (String kind : List.of(TrainingTask.KIND, Task.Sweep.KIND, Task.Prediction.KIND)) {
        Stream.of(JobState.Name.values())
            .filter(JobState.Name::done)
            .forEach(state -> durations(state.word(), pool, kind));
      }
    }
  }

  private static Duration[] seconds(double... bounds) {
    return Arrays.stream(bounds)
        .mapToObj(bound -> Duration.ofMillis(Math.round(bound * 1000)))
        .toArray(Duration[]::new);
  }

  private Counter failures(String code) {
    return Counter.builder("trainyard.jobs.failures")
        .description("Jobs that failed, by the code of their error")
        .tag("code", code)
        .register(meters);
  }

  private Timer waits(String pool) {
    return Timer.builder("trainyard.jobs.queue.wait")
        .description("From submission to the first start")
        .tag("pool", pool)
        .serviceLevelObjectives(WAITS)
        .register(meters);
  }

  private Timer durations(String state, String pool, String kind) {
    return Timer.builder("trainyard.jobs.duration")
        .description("From the first start to the end")
        .tags("state", state, "pool", pool, "kind", kind)
        .serviceLevelObjectives(DURATIONS)
        .register(meters);
  }

  void started(Job job) {
    Instant started = job.startedAt();
    if (job.attempt() == 1 && started != null) {
      Duration wait = Duration.between(job.createdAt(), started);
      record(new Message.Waited(job.task().placement().pool(), wait.toNanos()));
    }
  }

  void succeeded(Job job) {
    ended(job, JobState.Name.SUCCEEDED, null);
  }

  void finished(Job job, JobState end) {
    if (end instanceof JobState.Failed(JobState.Failure failure)) {
      ended(job, end.name(), failure.code());
      failed(failure.code());
    } else {
      ended(job, end.name(), null);
    }
  }

  private void ended(Job job, JobState.Name state, @Nullable String code) {
    spans.ended(job.id(), state.word(), code);
    Instant started = job.startedAt();
    if (started != null) {
      Duration duration = Duration.between(started, clock.instant());
      Task task = job.task();
      record(
          new Message.Ended(
              state.word(), task.placement().pool(), task.kind(), duration.toNanos()));
    }
  }

  /** A job failed with an error of this code. */
  public void failed(String code) {
    record(new Message.Failed(code));
  }

  /** So many jobs of a pool run here now. */
  void occupied(String pool, int slots) {
    if (supervision.present()) {
      supervision.send(new Message.Occupied(pool, slots));
    } else {
      busy.put(pool, slots);
    }
  }

  void trained(long count) {
    record(new Message.Trained(count));
  }

  void checkpointed(long bytes, long nanos) {
    record(new Message.Checkpointed(bytes, nanos));
  }

  void checkpointFailed() {
    record(new Message.CheckpointFailed());
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
      case Message.Waited(String pool, long nanos) -> waits(pool).record(Duration.ofNanos(nanos));
      case Message.Ended(String state, String pool, String kind, long nanos) ->
          durations(state, pool, kind).record(Duration.ofNanos(nanos));
      case Message.Failed(String code) -> failures(code).increment();
      case Message.Trained(long count) -> rows.increment((double) count);
      case Message.Checkpointed(long bytes, long nanos) -> {
        checkpoints.record(Duration.ofNanos(nanos));
        checkpointSizes.record((double) bytes);
      }
      case Message.CheckpointFailed _ -> checkpointFailures.increment();
    }
  }
}
