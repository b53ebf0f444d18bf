package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TestEngine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that a training needs except a listener. */
record TestTraining(TrainingPlan plan, PreparedData data, @Nullable Checkpoint resume) {
  /** The same training from these weights. */
  TestTraining startingFrom(Map<String, HostTensor> weights) {
    return with(plan.seed(), weights);
  }

  TestTraining withSeed(long seed) {
    return with(seed, plan.initialWeights());
  }

  TestTraining on(Device device) {
    return with(plan.seed(), plan.initialWeights(), device);
  }

  private TestTraining with(long seed, Map<String, HostTensor> weights) {
    return with(seed, weights, plan.device());
  }

  private TestTraining with(long seed, Map<String, HostTensor> weights, Device device) {
    TrainingPlan other =
        new TrainingPlan(
            plan.network(),
            plan.shapes(),
            plan.targets(),
            plan.training(),
            seed,
            weights,
            plan.threads(),
            device);
    return new TestTraining(other, data, resume);
  }

  TestTraining resuming(@Nullable Checkpoint checkpoint) {
    return new TestTraining(plan, data, checkpoint);
  }

  /** Trains to the end. */
  TrainingOutcome.Finished finish() {
    return finish(new Recorder());
  }

  TrainingOutcome.Finished finish(TrainingListener listener) {
    return (TrainingOutcome.Finished) train(listener);
  }

  TrainingOutcome train(TrainingListener listener) {
    return new Trainer(TestEngine.get()).train(plan, data, resume, listener);
  }
}
