package io.trainyard.train;

/**
 * How far training is.
 *
 * @param epoch the current epoch, or the one just finished, from 1
 * @param step the batch within the epoch, from 1; 0 before the first
 * @param fraction share of all steps done, in 0..1
 * @param etaSeconds estimated time left; NaN before the first step
 */
public record Progress(
    String phase,
    int epoch,
    int epochs,
    long step,
    long stepsPerEpoch,
    double fraction,
    double etaSeconds,
    double rowsPerSecond) {

  /** The progress of an ended training; a succeeded one is complete, even if it stopped early. */
  public Progress ended(boolean succeeded) {
    return new Progress(
        phase, epoch, epochs, step, stepsPerEpoch, succeeded ? 1 : fraction, 0, rowsPerSecond);
  }
}
