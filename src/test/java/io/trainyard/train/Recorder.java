package io.trainyard.train;

import java.util.ArrayList;
import java.util.List;

/** A listener that records its calls. */
class Recorder implements TrainingListener {
  final List<EpochRecord> epochs = new ArrayList<>();
  final List<Checkpoint> checkpoints = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  boolean wantsCheckpoints;

  @Override
  public TrainingCommand command() {
    return TrainingCommand.CONTINUE;
  }

  @Override
  public void epoch(EpochRecord record, Progress progress) {
    epochs.add(record);
  }

  @Override
  public void note(boolean warns, String message) {
    notes.add(message);
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) {
    checkpoints.add(checkpoint);
  }

  @Override
  public boolean wantsCheckpoints() {
    return wantsCheckpoints;
  }
}
