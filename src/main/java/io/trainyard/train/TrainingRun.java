package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One training to do.
 *
 * @param targets by target name, as in the model spec
 * @param seed everything random follows from it
 * @param initialWeights weights to start from by stored name; names left out are initialized from
 *     the seed
 * @param threads intra-op threads it may use; a small network gets fewer
 * @param resume where an earlier attempt left off, or null
 */
public record TrainingRun(
    NetworkSpec network,
    NetworkShapes shapes,
    Map<String, TargetSpec> targets,
    TrainingSpec training,
    long seed,
    PreparedData data,
    Map<String, HostTensor> initialWeights,
    int threads,
    Device device,
    @Nullable Checkpoint resume) {
  public TrainingRun {
    targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
    initialWeights = Map.copyOf(initialWeights);
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, was " + threads);
    }
  }

  /** The same run from these weights. */
  public TrainingRun startingFrom(Map<String, HostTensor> weights) {
    return new TrainingRun(
        network, shapes, targets, training, seed, data, weights, threads, device, resume);
  }

  /** The same run, going on from a checkpoint. */
  public TrainingRun resuming(Checkpoint checkpoint) {
    return new TrainingRun(
        network,
        shapes,
        targets,
        training,
        seed,
        data,
        initialWeights,
        threads,
        device,
        checkpoint);
  }
}
