package io.trainyard.job;

import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of one attempt at a job. Its training thread alone uses them. */
final class AttemptCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(AttemptCheckpoints.class);

  private final Job job;
  private final CheckpointStore stored;
  private final OutageCheckpoints outage;
  private final JobMeasurements metrics;
  private final long everyNanos;
  private long next;

  /** Whether this attempt has one of an outage. */
  private boolean ofOutage;

  AttemptCheckpoints(
      Job job,
      CheckpointStore stored,
      OutageCheckpoints outage,
      JobMeasurements metrics,
      Duration every) {
    this.job = job;
    this.stored = stored;
    this.outage = outage;
    this.metrics = metrics;
    this.everyNanos = every.toNanos();
    planNext();
  }

  /** Whether it is time for the next one. */
  boolean isDue() {
    return System.nanoTime() - next >= 0;
  }

  void planNext() {
    next = System.nanoTime() + everyNanos;
  }

  /**
   * The checkpoint of an earlier attempt, to continue from.
   *
   * @param restore takes what an attempt that died in an outage could not report
   */
  @Nullable Checkpoint last(Consumer<ProgressReport> restore) {
    if (job.attempt() == 1) {
      return null;
    }
    OutageCheckpoints.Found left = outage.before(job.id(), job.attempt()).orElse(null);
    if (left != null) {
      restore.accept(left.unreported());
      if (save(left.checkpoint())) {
        outage.delete(job.id(), left.attempt());
      }
      return left.checkpoint();
    }
    Checkpoint last = stored.latest(job.id()).orElse(null);
    // The attempt that stored a result died before the job had ended.
    return last == null || last.isResult() ? null : last;
  }

  /**
   * Replaces the stored checkpoint.
   *
   * @return false when this attempt no longer owns the job
   */
  boolean save(Checkpoint checkpoint) {
    boolean owned = timed(checkpoint, () -> stored.save(job.id(), job.attempt(), checkpoint));
    if (owned) {
      deleteOfOutage();
    }
    return owned;
  }

  /** Keeps a checkpoint, and what is not reported yet, without the database. */
  void saveInOutage(Checkpoint checkpoint, ProgressReport unreported) {
    timed(
        checkpoint,
        () -> {
          outage.save(job.id(), job.attempt(), checkpoint, unreported);
          return true;
        });
    ofOutage = true;
  }

  private boolean timed(Checkpoint checkpoint, BooleanSupplier save) {
    long start = System.nanoTime();
    boolean saved = save.getAsBoolean();
    if (saved) {
      metrics.checkpointed(checkpoint.bytes(), System.nanoTime() - start);
    }
    return saved;
  }

  private void deleteOfOutage() {
    if (ofOutage) {
      outage.delete(job.id(), job.attempt());
      ofOutage = false;
    }
  }

  /** Keeps the checkpoint of a job that has succeeded; a cleanup bounds them later if it fails. */
  void keep() {
    try {
      stored.keep(job.id());
      deleteOfOutage();
    } catch (RuntimeException e) {
      log.warn("Older checkpoints could not be deleted: {}", e.toString());
    }
  }

  /** Deletes the checkpoint of a job that has ended; a cleanup repeats this later if it fails. */
  void clear() {
    try {
      stored.clear(job.id());
      deleteOfOutage();
    } catch (RuntimeException e) {
      log.warn("The job's checkpoint could not be deleted: {}", e.toString());
    }
  }
}
