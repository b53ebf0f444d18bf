package io.trainyard.train;

/** Suspends the training when it is asked for the n-th time. */
final class SuspendingRecorder extends Recorder {
  private int remaining;

  SuspendingRecorder(int asked) {
    this.remaining = asked;
  }

  @Override
  public TrainingCommand command() {
    remaining--;
    return remaining > 0 ? TrainingCommand.CONTINUE : TrainingCommand.SUSPEND;
  }
}
