package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.WeightStore;
import io.trainyard.tensor.SafeTensors;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Measures trained versions with the weights that are stored. */
public record VersionMeasurements(WeightStore weights, Engine engine) {
  /**
   * Measures a version on a compute thread. May be called from any thread, which waits.
   *
   * @param targets with the plan of its training
   * @param data all rows as the training part
   * @param stopped asked often; a {@link java.util.concurrent.CancellationException} then ends it
   */
  public <T> T of(
      ModelVersion version,
      EvaluatedTargets targets,
      PreparedData data,
      BooleanSupplier stopped,
      Function<VersionMeasurement, T> work) {
    try (SafeTensors stored = weights.open(version.weights())) {
      TrainingPlan plan = targets.with(stored.tensors(), data.training().rows());
      PreparedData own = data.encodedBy(data.encoding().of(plan.targets()));
      return engine
          .threads()
          .call(
              1,
              () -> {
                try (TrainingSession session = engine.session(plan)) {
                  session.stopWhen(stopped);
                  return work.apply(
                      new VersionMeasurement(session, plan, own, targets.sampleWeight()));
                } finally {
                  NativeMemory.trim();
                }
              });
    }
  }
}
