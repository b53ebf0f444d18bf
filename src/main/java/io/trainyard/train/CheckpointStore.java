package io.trainyard.train;

import java.util.Optional;

/** Where checkpoints live until their job has finished. */
public interface CheckpointStore {
  /**
   * Keeps a checkpoint in place of the job's older one; it is safely on disk when this returns.
   *
   * @return false when this attempt no longer owns the job; nothing is kept then
   */
  boolean save(String job, int attempt, Checkpoint checkpoint);

  /** The job's newest checkpoint; empty when there is none whose bytes are whole. */
  Optional<Checkpoint> latest(String job);

  /** Forgets what is kept of a job. */
  void clear(String job);
}
