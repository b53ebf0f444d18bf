package io.trainyard.job.process;

import io.trainyard.error.SettingRange;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of worker processes.
 *
 * @param isolation where the jobs of a process that answers callers run
 * @param workers the worker processes; the slots of every pool are divided among them
 * @param workerHeap the largest Java heap of one
 * @param workerMemory the budget of one, heap and the memory of its jobs included
 * @param workerNice how much lower their priority is, as the kernel counts it: 0 to 19
 * @param workerRestartPause the longest pause before a worker that keeps dying is started again
 */
@ConfigurationProperties("trainyard.jobs")
public record ProcessProperties(
    @DefaultValue("process") Isolation isolation,
    @DefaultValue("1") int workers,
    @DefaultValue("256MB") DataSize workerHeap,
    @DefaultValue("0B") DataSize workerMemory,
    @DefaultValue("10") int workerNice,
    @DefaultValue("30s") Duration workerRestartPause) {
  private static final int MAX_WORKERS = 64;
  private static final int MAX_NICE = 19;
  private static final DataSize LEAST_HEAP = DataSize.ofMegabytes(96);

  /** Where a process that answers callers has native code run that may crash. */
  public enum Isolation {
    /** In worker processes, which this one supervises. */
    PROCESS,
    /** In this process: what a job or an import does to it, all callers feel. */
    NONE
  }

  public ProcessProperties {
    SettingRange.require("trainyard.jobs.workers", workers, 1, MAX_WORKERS);
    SettingRange.require("trainyard.jobs.worker-nice", workerNice, 0, MAX_NICE);
    if (workerRestartPause.isNegative()) {
      throw new IllegalArgumentException(
          "trainyard.jobs.worker-restart-pause must be at least 0s, was " + workerRestartPause);
    }
    if (workerHeap.compareTo(LEAST_HEAP) < 0) {
      throw new IllegalArgumentException(
          "trainyard.jobs.worker-heap must be at least 96MB, was " + workerHeap);
    }
  }

  /** Whether a process with these roles runs jobs itself. */
  public boolean trainsHere(Roles roles) {
    return roles.worker() && !supervises(roles);
  }

  /**
   * Whether a process with these roles supervises workers. One that leaves jobs to other processes
   * has a worker that only proves versions.
   */
  public boolean supervises(Roles roles) {
    return roles.api() && isolation == Isolation.PROCESS;
  }
}
