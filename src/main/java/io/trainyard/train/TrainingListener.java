package io.trainyard.train;

/** Observes a training and may end it. All calls come from the training thread. */
public interface TrainingListener {
  /** Asked before every batch, so it must be cheap. */
  TrainingCommand command();

  /** Called when an epoch has ended. */
  void epoch(EpochRecord record, Progress progress);

  /**
   * Called after {@link #epoch}, so that the network can be looked at.
   *
   * @param last whether it is trained no further; after the last epoch it may be called again
   * @param network to be used during this call
   */
  default void look(int epoch, boolean last, LearningNetwork network) {}

  /**
   * Called with something that the caller should know. An attempt that continues may say it again.
   *
   * @param warns whether something is wrong
   */
  default void note(boolean warns, String message) {}

  /** Called about once a second within long epochs. */
  default void progress(Progress progress) {}

  /**
   * Called with a checkpoint, between batches. The pause after a checkpoint is 20 times its
   * duration, so that checkpoints cost at most 5 % of the time.
   */
  default void checkpoint(Checkpoint checkpoint) {}

  /**
   * Whether {@link #checkpoint} should be called now; a checkpoint costs a copy of the weights.
   * Asked after every batch, so it must be cheap.
   */
  default boolean wantsCheckpoints() {
    return false;
  }

  /** Whether {@link #checkpoint} should also be called at the end, before the test rows. */
  default boolean wantsEnd() {
    return false;
  }
}
