package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job as it stands at one moment.
 *
 * @param attempt counts starts; whoever runs a job may write only while its number is still this
 * @param crashes starts whose worker died since the job last got further
 * @param stopRequested whether it should finish now and publish the best so far
 * @param lastRun who has it, or had it last; null before the first start
 */
public record Job(
    String id,
    Task task,
    JobState state,
    int attempt,
    int crashes,
    boolean stopRequested,
    JobState.@Nullable Running lastRun,
    Standing standing,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {

  /** A job nobody has touched yet. */
  static Job queued(String id, Task task, Instant now) {
    return new Job(
        id, task, new JobState.Queued(), 0, 0, false, null, Standing.NOTHING, now, null, null);
  }

  /** The same job with its progress brought up to date. */
  Job at(Standing newer) {
    return new Job(
        id,
        task,
        state,
        attempt,
        crashes,
        stopRequested,
        lastRun,
        newer,
        createdAt,
        startedAt,
        finishedAt);
  }

  /**
   * How far it has come.
   *
   * @param last the last epoch's record; at the end with the test values of what was published
   * @param best the record of the epoch whose weights were published
   */
  public record Standing(
      @Nullable Progress progress,
      @Nullable EpochRecord last,
      @Nullable EpochRecord best,
      @Nullable StopReason stopReason) {
    static final Standing NOTHING = new Standing(null, null, null, null);
  }
}
