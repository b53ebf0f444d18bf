package io.trainyard.engine;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.training.OptimizerSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TrainingSession} computes.
 *
 * @param weights first values of every stored tensor
 * @param clipNorm the largest global norm of the gradients, or null
 * @param clipValue the largest size of a gradient's element, or null
 */
public record TrainingPlan(
    NetworkSpec network,
    NetworkShapes shapes,
    List<Objective> objectives,
    OptimizerSpec optimizer,
    @Nullable Double clipNorm,
    @Nullable Double clipValue,
    long seed,
    Map<String, HostTensor> weights,
    Device device) {
  public TrainingPlan {
    objectives = List.copyOf(objectives);
    weights = Map.copyOf(weights);
  }
}
