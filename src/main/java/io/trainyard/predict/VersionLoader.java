package io.trainyard.predict;

import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.WeightStore;
import io.trainyard.tensor.SafeTensors;

/** Reads a version's stored weights into a network in memory. */
public final class VersionLoader {
  private final WeightStore weights;
  private final NetworkLoader networks;

  public VersionLoader(WeightStore weights, NetworkLoader networks) {
    this.weights = weights;
    this.networks = networks;
  }

  LoadedModel load(ModelVersion version) {
    try (SafeTensors stored = weights.open(version.weights())) {
      VersionDefinition definition = VersionDefinition.of(version);
      SharedNetwork network =
          new SharedNetwork(
              networks.load(definition.spec().network(), definition.shapes(), stored.tensors()));
      return new LoadedModel(version, definition, network);
    }
  }
}
