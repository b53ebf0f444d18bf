package io.trainyard.train;

import java.util.Optional;

/** Stores checkpoints until their job has finished. */
public interface CheckpointStore {
  /**
   * Replaces the job's checkpoint. The new one is on disk when this returns.
   *
   * @return false, with nothing stored, when this attempt no longer owns the job
   */
  boolean save(String job, int attempt, Checkpoint checkpoint);

  /**
   * The job's newest checkpoint; empty when there is none or it is damaged.
   *
   * @throws io.trainyard.error.ServiceException UNAVAILABLE when it cannot be read now
   */
  Optional<Checkpoint> latest(String job);

  /** Deletes the checkpoints of a job. */
  void clear(String job);
}
