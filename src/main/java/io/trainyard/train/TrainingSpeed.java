package io.trainyard.train;

import java.util.function.LongSupplier;

/** The speed of a training, and its estimated end. */
final class TrainingSpeed {
  private final LongSupplier nanoTime;
  private final long start;
  private final int epochs;
  private final long stepsPerEpoch;
  private final double earlierSeconds;
  private long steps;
  private long rows;

  /**
   * @param earlierSeconds training time before the checkpoint
   */
  TrainingSpeed(LongSupplier nanoTime, int epochs, long stepsPerEpoch, double earlierSeconds) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.epochs = epochs;
    this.stepsPerEpoch = stepsPerEpoch;
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

  Progress progress(String phase, int epoch, long step) {
    double seconds = seconds();
    long done = (epoch - 1) * stepsPerEpoch + step;
    long all = epochs * stepsPerEpoch;
    double eta = steps == 0 ? Double.NaN : seconds / steps * (all - done);
    double rate = seconds > 0 ? rows / seconds : 0;
    return new Progress(phase, epoch, epochs, step, stepsPerEpoch, (double) done / all, eta, rate);
  }
}
