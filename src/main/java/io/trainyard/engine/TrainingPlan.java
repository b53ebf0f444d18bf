package io.trainyard.engine;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is trained, and how. The data are not part of it.
 *
 * @param targets by target name, as in the model spec
 * @param seed decides everything random
 * @param initialWeights by stored name; missing ones are drawn from the seed
 * @param threads intra-op threads allowed; a small network uses one
 */
public record TrainingPlan(
    NetworkSpec network,
    NetworkShapes shapes,
    Map<String, TargetSpec> targets,
    TrainingSpec training,
    long seed,
    Map<String, HostTensor> initialWeights,
    int threads,
    Device device) {
  public TrainingPlan {
    targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
    initialWeights = Map.copyOf(initialWeights);
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, was " + threads);
    }
  }

  /** A plan whose training changes nothing: its losses and metrics are measured. */
  public static TrainingPlan measuring(
      NetworkSpec network,
      NetworkShapes shapes,
      Map<String, TargetSpec> targets,
      TrainingSpec training) {
    return new TrainingPlan(network, shapes, targets, training, 0, Map.of(), 1, Device.CPU);
  }

  /** The same with other weights to begin with. */
  public TrainingPlan from(Map<String, HostTensor> weights) {
    return new TrainingPlan(network, shapes, targets, training, seed, weights, threads, device);
  }

  /** The same network and targets with another training. */
  public TrainingPlan with(TrainingSpec other) {
    return new TrainingPlan(network, shapes, targets, other, seed, initialWeights, threads, device);
  }

  /** All weights of the network, with the initializers that the optimizer wants. */
  public List<WeightSpec> weights() {
    if (!training.optimizer().learnsFromErrors()) {
      return shapes.weights();
    }
    List<WeightSpec> weights = new ArrayList<>();
    shapes
        .layers()
        .forEach(
            (name, layer) -> {
              boolean trained = network.layer(name).trainable();
              for (WeightSpec weight : layer.weights()) {
                weights.add(trained ? weight.startingAtZero() : weight);
              }
            });
    return weights;
  }

  /** One objective for each target. */
  public List<Objective> objectives() {
    return targets.entrySet().stream()
        .map(target -> Objective.of(network, target.getKey(), target.getValue(), training))
        .toList();
  }
}
