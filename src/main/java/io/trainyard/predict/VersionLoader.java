package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.ServingCheck;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.WeightStore;
import io.trainyard.os.HeldFile;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.util.Map;

/**
 * Reads a version's stored weights into a network in memory: a small chain of dense layers into one
 * of plain Java, every other into the engine's.
 */
public final class VersionLoader {
  private final WeightStore weights;
  private final NetworkLoader networks;
  private final NetworkLoader.OfFile foreign;
  private final ServingCheck check;

  /**
   * @param foreign loads versions that are files of other tools
   * @param check refuses a version before its weights are read
   */
  public VersionLoader(
      WeightStore weights,
      NetworkLoader networks,
      NetworkLoader.OfFile foreign,
      ServingCheck check) {
    this.weights = weights;
    this.networks = networks;
    this.foreign = foreign;
    this.check = check;
  }

  LoadedModel load(ModelVersion version) {
    VersionDefinition definition = VersionDefinition.of(version);
    check.check(definition.spec().network(), definition.shapes(), "");
    SharedNetwork network =
        new SharedNetwork(
            network(version, definition, true), () -> network(version, definition, false));
    try {
      return new LoadedModel(version, definition, network);
    } catch (Throwable e) {
      network.evict();
      throw e;
    }
  }

  /** The network of a version, for one caller, who closes it; not one of plain Java. */
  public LoadedNetwork open(ModelVersion version) {
    VersionDefinition definition = VersionDefinition.of(version);
    check.check(definition.spec().network(), definition.shapes(), "");
    return network(version, definition, false);
  }

  private LoadedNetwork network(ModelVersion version, VersionDefinition definition, boolean plain) {
    if (definition.spec().network().isForeign()) {
      try (HeldFile file = weights.file(version.weights())) {
        return foreign.load(version, definition.shapes(), file.path());
      }
    }
    LoadedNetwork network = null;
    try (SafeTensors stored = weights.open(version.weights())) {
      NetworkSpec spec = definition.spec().network();
      Map<String, HostTensor> tensors = stored.tensors();
      network =
          plain
              ? networks.smallest(spec, definition.shapes(), tensors)
              : networks.load(spec, definition.shapes(), tensors);
      return network;
    } catch (Throwable e) {
      if (network != null) {
        network.close(); // closing the file failed
      }
      throw e;
    }
  }
}
