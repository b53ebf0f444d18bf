package io.trainyard.job.frame;

/**
 * The epochs that have frames, which depend on their number alone: an attempt that continues keeps
 * those that the one before would have kept. As long as they are few it is each epoch, then every
 * second, then every fourth; the first epoch and the last have one too.
 *
 * @param most frames of a job
 */
record FrameTimes(int most) {
  /** The distance of the frames that are kept once this epoch has ended. */
  int every(int epoch) {
    int every = 1;
    while (epoch / every > most - 2) {
      every *= 2;
    }
    return every;
  }

  boolean isDue(int epoch) {
    return epoch == 1 || epoch % every(epoch) == 0;
  }
}
