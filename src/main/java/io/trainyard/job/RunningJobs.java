package io.trainyard.job;

import io.trainyard.job.process.Supervision;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.memory.MemoryUse;
import io.trainyard.os.PeriodicTask;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.TrainingCommand;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The jobs that this process runs. Five times a second, one thread stores their progress and checks
 * whether another process stopped or cancelled them.
 */
@Component
final class RunningJobs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunningJobs.class);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Attempts attempts;
  private final Outages outages;
  private final CheckpointStore checkpoints;
  private final OutageCheckpoints outageCheckpoints;
  private final Duration checkpointEvery;
  private final boolean keepsEnds;
  private final Map<String, RunningJob> jobs = new ConcurrentHashMap<>();
  private final ScheduledExecutorService reporter = PeriodicTask.thread("job-reports");
  private final MemoryMeter meter;
  private final JobMeasurements metrics;
  private final JobSpans spans;
  private final String worker;
  private volatile boolean suspending;
  private boolean failing;

  RunningJobs(
      Attempts attempts,
      Outages outages,
      CheckpointStore checkpoints,
      OutageCheckpoints outageCheckpoints,
      JobProperties properties,
      MemoryMeter meter,
      JobMeasurements metrics,
      JobSpans spans,
      Supervision supervision) {
    this.attempts = attempts;
    this.outages = outages;
    this.checkpoints = checkpoints;
    this.outageCheckpoints = outageCheckpoints;
    this.checkpointEvery = properties.checkpointEvery();
    this.keepsEnds = properties.keptCheckpoints().toBytes() > 0;
    this.meter = meter;
    this.metrics = metrics;
    this.spans = spans;
    this.worker = supervision.name();
    supervision.onCommand(
        sent -> find(sent.job()).ifPresent(attempt -> attempt.request(sent.command())));
    PeriodicTask.start(reporter, "reports of jobs", PAUSE, PAUSE, this::report);
  }

  /** The name of this process in jobs. */
  String worker() {
    return worker;
  }

  /** Adds a job; the caller removes it when the attempt has ended. */
  RunningJob add(Job job) {
    AttemptCheckpoints kept =
        new AttemptCheckpoints(job, checkpoints, outageCheckpoints, metrics, checkpointEvery);
    RunningJob running = new RunningJob(job, attempts, outages, kept, metrics, keepsEnds);
    jobs.put(job.id(), running);
    reportSlots(job);
    spans.begin(job, () -> attempts.traceparent(job.id()));
    if (suspending) {
      running.request(TrainingCommand.SUSPEND);
    }
    return running;
  }

  void remove(RunningJob running) {
    jobs.remove(running.job().id(), running);
    reportSlots(running.job());
    spans.end(running.job().id());
  }

  private void reportSlots(Job changed) {
    String pool = changed.task().placement().pool();
    // The trainings of a sweep share its slot.
    long busy =
        jobs.values().stream()
            .map(running -> running.job().task())
            .filter(task -> task.isScheduled() && task.placement().pool().equals(pool))
            .count();
    metrics.occupied(pool, (int) busy);
  }

  Optional<RunningJob> find(String id) {
    return Optional.ofNullable(jobs.get(id));
  }

  /** Suspends every job, including those that start later. */
  void suspend() {
    suspending = true;
    jobs.values().forEach(job -> job.request(TrainingCommand.SUSPEND));
  }

  /** Suspends the jobs that run now. A sweep runs no training itself; its trainings suspend. */
  void makeRoom() {
    jobs.values().stream()
        .filter(attempt -> !(attempt.job().task() instanceof Task.Sweep))
        .forEach(attempt -> attempt.request(TrainingCommand.SUSPEND));
  }

  /** The jobs that still run. */
  List<RunningJob> all() {
    return List.copyOf(jobs.values());
  }

  /** Lets jobs run again after {@link #suspend}. */
  void resume() {
    suspending = false;
  }

  private void report() {
    if (jobs.isEmpty()) {
      return;
    }
    try {
      MemoryUse use = meter.read();
      jobs.values().forEach(job -> job.report(use));
      checkSignals();
      if (failing) {
        log.info("The progress of jobs is stored again");
      }
      failing = false;
    } catch (RuntimeException e) {
      // The outage itself is logged once, not by each process.
      boolean outage = outages.isOutage(e);
      if (!failing && !outage) {
        log.warn("The progress of jobs cannot be stored and is kept in memory: {}", e.toString());
      }
      failing |= !outage;
    }
  }

  private void checkSignals() {
    Map<String, RunningJob> checked = Map.copyOf(jobs);
    Map<String, Attempts.Signal> signals = attempts.signals(checked.keySet());
    for (RunningJob running : checked.values()) {
      Attempts.Signal signal = signals.get(running.job().id());
      if (signal == null
          || signal.state() != JobState.Name.RUNNING
          || signal.attempt() != running.job().attempt()) {
        running.request(TrainingCommand.CANCEL);
      } else if (signal.stopRequested()) {
        running.request(TrainingCommand.STOP);
      }
    }
  }

  @Override
  public void close() {
    reporter.shutdownNow();
  }
}
