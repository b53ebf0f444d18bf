package io.trainyard.train;

/**
 * How far training is.
 *
 * @param epoch the epoch under way or just finished, from 1
 * @param step the batch within the epoch, from 1; 0 before the first
 * @param fraction share of all steps done, in 0..1
 * @param etaSeconds time left if nothing stops it earlier; NaN until it can be told
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

  /** This progress once nothing more will be done; training that stopped early is whole too. */
  public Progress ended(boolean succeeded) {
    return new Progress(
        phase, epoch, epochs, step, stepsPerEpoch, succeeded ? 1 : fraction, 0, rowsPerSecond);
  }
}
