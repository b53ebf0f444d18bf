package io.trainyard.train;

import java.util.function.LongSupplier;

/** The clock of an attempt: its speed, its estimated end, and when it reports what. */
final class TrainingSpeed {
  private static final double PROGRESS_EVERY_SECONDS = 1;

  /** The pause after a checkpoint, as a multiple of its duration: at most 5 % of the time. */
  private static final double CHECKPOINT_PAUSE = 20;

  private final LongSupplier nanoTime;
  private final long start;
  private final double earlierSeconds;
  private long steps;
  private long rows;
  private double nextProgress = PROGRESS_EVERY_SECONDS;
  private double nextCheckpoint;

  /**
   * @param earlierSeconds training time before the checkpoint
   */
  TrainingSpeed(LongSupplier nanoTime, double earlierSeconds) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.earlierSeconds = earlierSeconds;
  }

  void step(int rowCount) {
    steps++;
    rows += rowCount;
  }

  /** Training time since the start or the checkpoint. */
  double seconds() {
    return (nanoTime.getAsLong() - start) / 1e9;
  }

  /** Training time in total. */
  double totalSeconds() {
    return earlierSeconds + seconds();
  }

  /** Whether progress is to be reported now; then not again for a second. */
  boolean progressIsDue() {
    double now = seconds();
    if (now < nextProgress) {
      return false;
    }
    nextProgress = now + PROGRESS_EVERY_SECONDS;
    return true;
  }

  /** Whether the pause after the last checkpoint is over. */
  boolean checkpointIsDue() {
    return seconds() >= nextCheckpoint;
  }

  /** Begins the pause after a checkpoint that was begun at this time. */
  void checkpointEnded(double begun) {
    double now = seconds();
    nextCheckpoint = now + CHECKPOINT_PAUSE * (now - begun);
  }

  /**
   * How far the training is.
   *
   * @param epoch of the whole training, from 1
   */
  Progress progress(EpochRun epochRun, long stepsPerEpoch, int epoch, long step) {
    double seconds = seconds();
    long done = epochRun.stepsBefore() + (epoch - 1L - epochRun.before()) * stepsPerEpoch + step;
    long all = epochRun.stepsBefore() + epochRun.epochs() * stepsPerEpoch + epochRun.stepsAhead();
    double eta = steps == 0 ? Double.NaN : seconds / steps * (all - done);
    double rate = seconds > 0 ? rows / seconds : 0;
    return new Progress(
        epochRun.phase(),
        epoch,
        epochRun.allEpochs(),
        step,
        stepsPerEpoch,
        (double) done / all,
        eta,
        rate);
  }
}
