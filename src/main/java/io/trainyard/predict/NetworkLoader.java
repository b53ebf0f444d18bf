package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.dense.DenseNetwork;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.tensor.HostTensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Builds a network from its spec and copies of its weights. */
@FunctionalInterface
public interface NetworkLoader {
  LoadedNetwork load(NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights);

  /** A small chain of dense layers in plain Java, every other network in the engine. */
  default LoadedNetwork smallest(
      NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights) {
    Optional<DenseNetwork> dense = DenseNetwork.of(network, shapes, weights);
    return dense.isPresent() ? dense.get() : load(network, shapes, weights);
  }

  /** Loads a network that is a file of another tool. */
  @FunctionalInterface
  interface OfFile {
    LoadedNetwork load(ModelVersion version, NetworkShapes shapes, Path file);
  }
}
