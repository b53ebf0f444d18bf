package io.trainyard.job.frame;

/**
 * What is kept of a network after an epoch.
 *
 * @param epoch from 1; {@value #HEAD}: what all frames of a job share
 * @param every the distance of the frames that are kept up to this one
 * @param json as it is stored and answered
 */
public record Frame(int epoch, int every, String json) {
  /** The epoch of the frame that says what the axes and the values of the others are. */
  public static final int HEAD = 0;

  /** Whether this frame is kept when a newer one is. */
  public boolean staysBefore(Frame newer) {
    return epoch <= 1 || epoch >= newer.epoch || epoch % newer.every == 0;
  }
}
