package io.trainyard.job.sweep;

import io.trainyard.job.Job;
import io.trainyard.job.JobId;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.Outages;
import io.trainyard.job.Task;
import io.trainyard.job.ThreadAllocation;
import io.trainyard.job.Worker;
import io.trainyard.job.check.MemoryBudget;
import io.trainyard.tensor.Device;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.TrainingListener;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Runs sweeps for the worker of this process. */
@Component
final class SweepRunner implements Task.Sweep.Runner {
  private final JobStore jobs;
  private final Outages outages;
  private final SweepStore store;
  private final CheckpointStore checkpoints;
  private final ThreadAllocation threads;
  private final SweepProperties properties;
  private final MemoryBudget memory;
  private final Duration retryPause;
  private final Clock clock;
  private final JobId ids;

  SweepRunner(
      JobStore jobs,
      Outages outages,
      SweepStore store,
      CheckpointStore checkpoints,
      ThreadAllocation threads,
      SweepProperties properties,
      MemoryBudget memory,
      JobProperties ofJobs,
      Clock clock) {
    this.jobs = jobs;
    this.outages = outages;
    this.store = store;
    this.checkpoints = checkpoints;
    this.threads = threads;
    this.properties = properties;
    this.memory = memory;
    this.retryPause = ofJobs.retryPause();
    this.clock = clock;
    this.ids = new JobId(clock);
  }

  @Override
  public @Nullable JobState run(Job sweep, TrainingListener listener, Worker worker) {
    SweepPlan plan = SweepPlan.of(sweep);
    try (SweepThreads trainings =
        new SweepThreads(
            atOnce(sweep, plan),
            worker,
            jobs,
            outages,
            sweep.task().placement().pool(),
            retryPause)) {
      return new SweepAttempt(
              sweep, plan, store, jobs, outages, checkpoints, trainings, listener, clock, ids)
          .run();
    }
  }

  /** As many as there are cores for, whose memory together is at most that of one job. */
  private int atOnce(Job sweep, SweepPlan plan) {
    return Math.min(wanted(sweep, plan), memory.fitting(plan.memory()));
  }

  /** A GPU is shared by no trainings unless a setting says so: its memory is not in a budget. */
  private int wanted(Job sweep, SweepPlan plan) {
    if (properties.trainingsAtOnce() > 0) {
      return properties.trainingsAtOnce();
    }
    return threads.device(sweep.task().placement().pool()) == Device.CPU
        ? Math.max(1, threads.cores() / plan.threads())
        : 1;
  }
}
