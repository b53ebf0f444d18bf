package io.trainyard.job.sweep;

import io.trainyard.job.Job;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The sweeps of all processes and their trainings. Both are jobs, which change as other jobs do.
 */
public interface SweepStore {
  /**
   * Stores a sweep with its trainings and its place in the queue in one transaction, then wakes a
   * worker.
   *
   * @param model becomes the stored spec of the task's model; null: that one stays
   */
  void submit(Job sweep, List<Job> trainings, @Nullable JsonNode model);

  /** The trainings of a sweep by trial and fold, the refit first. */
  List<SweepTraining> trainings(String sweep);

  /** Adds the refit of a running sweep; does nothing when it has one. */
  void addRefit(Job sweep, Job refit);

  /** Cancels trainings that have not ended. */
  void cancel(Collection<String> trainings);

  /** Tells those who watch a running sweep what happened; its worker has got further. */
  void report(Job sweep, String message);

  /** Whether another job waits for a slot of the sweep's pool, and may have it before the sweep. */
  boolean mustYield(Job sweep);
}
