package io.trainyard.train;

import java.util.function.UnaryOperator;

/**
 * The listener of a part of a training, which tells another one. It adds to the part's checkpoints
 * what the whole training needs to continue.
 *
 * @param wantsEnd whether somebody wants the state at the end of the part
 */
record CompletingListener(
    TrainingListener whole, boolean wantsEnd, UnaryOperator<Checkpoint> complete)
    implements TrainingListener {
  @Override
  public TrainingCommand command() {
    return whole.command();
  }

  @Override
  public void epoch(EpochRecord record, Progress progress) {
    whole.epoch(record, progress);
  }

  @Override
  public void look(int epoch, boolean last, LearningNetwork network) {
    whole.look(epoch, last, network);
  }

  @Override
  public void note(boolean warns, String message) {
    whole.note(warns, message);
  }

  @Override
  public void progress(Progress progress) {
    whole.progress(progress);
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) {
    whole.checkpoint(complete.apply(checkpoint));
  }

  @Override
  public boolean wantsCheckpoints() {
    return whole.wantsCheckpoints();
  }
}
