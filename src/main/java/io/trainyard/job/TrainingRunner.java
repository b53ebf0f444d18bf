package io.trainyard.job;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsemblePlan;
import io.trainyard.train.SweepEnsemblePlan;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs a training: the engine's {@code Trainer} in the service, a script in tests of jobs. */
public interface TrainingRunner {
  /** See {@link io.trainyard.train.Trainer#threadsFor}. */
  int threadsFor(TrainingPlan plan, @Nullable Checkpoint resume);

  /** See {@link io.trainyard.train.Trainer#train}. */
  TrainingOutcome train(
      TrainingPlan plan, PreparedData data, @Nullable Checkpoint resume, TrainingListener listener);

  /** See {@link io.trainyard.train.Trainer#train(EnsemblePlan, Checkpoint, TrainingListener)}. */
  TrainingOutcome train(EnsemblePlan plan, @Nullable Checkpoint resume, TrainingListener listener);

  /** See {@link io.trainyard.train.Trainer#refit}. */
  TrainingOutcome refit(
      EnsemblePlan plan,
      List<Supplier<Map<String, HostTensor>>> others,
      @Nullable Checkpoint resume,
      TrainingListener listener);

  /** See {@link io.trainyard.train.Trainer#train(SweepEnsemblePlan, TrainingListener)}. */
  TrainingOutcome train(SweepEnsemblePlan plan, TrainingListener listener);

  /** The versions of the libraries that compute, by name. */
  Map<String, String> libraries();
}
