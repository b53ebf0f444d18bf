package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.ServingCheck;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.WeightStore;
import io.trainyard.tensor.SafeTensors;

/** Reads a version's stored weights into a network in memory. */
public final class VersionLoader {
  private final WeightStore weights;
  private final NetworkLoader networks;
  private final ServingCheck check;

  /**
   * @param check refuses a version before its weights are read
   */
  public VersionLoader(WeightStore weights, NetworkLoader networks, ServingCheck check) {
    this.weights = weights;
    this.networks = networks;
    this.check = check;
  }

  LoadedModel load(ModelVersion version) {
    VersionDefinition definition = VersionDefinition.of(version);
    check.check(definition.spec().network(), definition.shapes(), "");
    SharedNetwork network = new SharedNetwork(network(version, definition));
    try {
      return new LoadedModel(version, definition, network);
    } catch (Throwable e) {
      network.evict();
      throw e;
    }
  }

  private LoadedNetwork network(ModelVersion version, VersionDefinition definition) {
    LoadedNetwork network = null;
    try (SafeTensors stored = weights.open(version.weights())) {
      network = networks.load(definition.spec().network(), definition.shapes(), stored.tensors());
      return network;
    } catch (Throwable e) {
      if (network != null) {
        network.close(); // closing the file failed
      }
      throw e;
    }
  }
}
