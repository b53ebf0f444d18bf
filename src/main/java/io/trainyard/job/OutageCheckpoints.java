package io.trainyard.job;

import io.trainyard.train.Checkpoint;
import java.util.Optional;

/**
 * Checkpoints that an attempt writes while the database is away, as files that are found by job and
 * attempt. If the worker dies in the outage, the next attempt continues from there and reports what
 * this one could not.
 */
public interface OutageCheckpoints {
  /**
   * Replaces the checkpoint of the attempt. It is on disk when this returns.
   *
   * @param unreported the measurements up to the checkpoint that are not stored
   */
  void save(String job, int attempt, Checkpoint checkpoint, ProgressReport unreported);

  /** The newest one of the last attempts before this one; empty when there is none. */
  Optional<Found> before(String job, int attempt);

  /** Deletes the one of an attempt, if there is one. */
  void delete(String job, int attempt);

  /**
   * What an attempt has left.
   *
   * @param attempt its number
   */
  record Found(int attempt, Checkpoint checkpoint, ProgressReport unreported) {}
}
