package io.trainyard.train;

import java.util.Optional;

/** Stores a checkpoint of each running job, and the last ones of jobs that succeeded. */
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

  /** The position of the job's newest checkpoint; empty when there is none. */
  Optional<Checkpoint.Position> position(String job);

  /**
   * Keeps the checkpoint of a job that has succeeded, as the newest of those kept; the oldest ones
   * are deleted where they are too many or too large together.
   */
  void keep(String job);

  /** Deletes the checkpoints of a job. */
  void clear(String job);
}
