package io.trainyard.job.sweep;

import io.trainyard.job.Job;
import java.util.Collection;
import java.util.List;

/**
 * The sweeps of all processes and their trainings. Both are jobs, which change as other jobs do.
 */
public interface SweepStore {
  /**
   * Stores a sweep with its trainings and its place in the queue in one transaction, then wakes a
   * worker.
   *
   * @param storeModel whether the task's spec becomes the stored spec of its model
   */
  void submit(Job sweep, List<Job> trainings, boolean storeModel);

  /** The trainings of a sweep by trial and fold, the refit first. */
  List<SweepTraining> trainings(String sweep);

  /** Adds the refit of a running sweep; does nothing when it has one. */
  void addRefit(Job sweep, Job refit);

  /** Cancels trainings that have not ended. */
  void cancel(Collection<String> trainings);

  /** Tells those who watch a sweep what happened; its worker has got further. */
  void report(Job sweep, String message);

  /** Whether another job waits for a slot of the sweep's pool, and may have it before the sweep. */
  boolean mustYield(Job sweep);
}
