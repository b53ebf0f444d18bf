package io.trainyard.train;

import java.util.function.LongSupplier;

/** How fast an attempt goes, and how long it will still take. */
final class Pace {
  private final LongSupplier nanoTime;
  private final long began;
  private final int epochs;
  private final long stepsPerEpoch;
  private final double earlierSeconds;
  private long steps;
  private long rows;

  /**
   * @param earlierSeconds training time of earlier attempts
   */
  Pace(LongSupplier nanoTime, int epochs, long stepsPerEpoch, double earlierSeconds) {
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
    this.epochs = epochs;
    this.stepsPerEpoch = stepsPerEpoch;
    this.earlierSeconds = earlierSeconds;
  }

  void step(int rowCount) {
    steps++;
    rows += rowCount;
  }

  /** Of this attempt. */
  double seconds() {
    return (nanoTime.getAsLong() - began) / 1e9;
  }

  /** Of all attempts. */
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
