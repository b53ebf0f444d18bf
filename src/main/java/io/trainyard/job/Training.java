package io.trainyard.job;

import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.TrainingRun;
import java.util.Map;

/** What trains: the engine's trainer, or a fake that shows what jobs make of its answers. */
public interface Training {
  TrainingOutcome train(TrainingRun run, TrainingListener listener);

  /** Names and versions of what computes. */
  Map<String, String> libraries();
}
