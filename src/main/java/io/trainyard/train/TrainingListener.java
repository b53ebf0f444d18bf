package io.trainyard.train;

/** Who watches a training and may end it. All calls come from the thread that trains. */
public interface TrainingListener {
  /** Asked before every batch, so it must be cheap. */
  TrainingCommand command();

  /** An epoch has ended. */
  void epoch(EpochRecord record, Progress progress);

  /** Told now and then within long epochs. */
  default void progress(Progress progress) {}

  /**
   * A checkpoint to keep. Called between batches, no sooner than 20 times as long after the last
   * one as that one took, so that checkpoints cost at most 5 % of the time.
   */
  default void checkpoint(Checkpoint checkpoint) {}

  /**
   * Whether {@link #checkpoint} wants one now; taking one costs a copy of the weights. Asked after
   * every batch, so it must be cheap.
   */
  default boolean wantsCheckpoints() {
    return false;
  }
}
