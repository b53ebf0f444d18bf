package io.trainyard.job;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What trains: the engine's trainer, or a fake that shows what jobs make of its answers. */
public interface Training {
  /** See {@link io.trainyard.train.Trainer#train}. */
  TrainingOutcome train(
      TrainingPlan plan, PreparedData data, @Nullable Checkpoint resume, TrainingListener listener);

  /** Names and versions of what computes. */
  Map<String, String> libraries();
}
