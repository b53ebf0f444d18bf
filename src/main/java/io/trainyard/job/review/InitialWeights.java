package io.trainyard.job.review;

import io.trainyard.error.Violations;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.WeightStore;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Weights of a published version, for a job that starts from them. */
@Component
public final class InitialWeights {
  private static final String POINTER = "/initial_weights";

  private final WeightStore weights;

  InitialWeights(WeightStore weights) {
    this.weights = weights;
  }

  /** Adds what keeps a network from taking over a version's weights. */
  public void check(ModelVersion version, NetworkShapes shapes, Violations violations) {
    try (SafeTensors file = weights.open(version.weights())) {
      Map<String, HostTensor> stored = file.tensors();
      Set<String> unused = new HashSet<>(stored.keySet());
      for (WeightSpec wanted : shapes.weights()) {
        HostTensor tensor = stored.get(wanted.name());
        unused.remove(wanted.name());
        if (tensor == null) {
          violations.add(
              POINTER,
              "The network has '" + wanted.name() + "', " + version.reference() + " has not");
        } else if (!tensor.shape().equals(wanted.shape())) {
          violations.add(
              POINTER,
              "'"
                  + wanted.name()
                  + "' has shape "
                  + wanted.shape()
                  + " in the network and "
                  + tensor.shape()
                  + " in "
                  + version.reference());
        }
      }
      unused.stream()
          .sorted()
          .forEach(
              name ->
                  violations.add(
                      POINTER, version.reference() + " has '" + name + "', the network has not"));
    }
  }

  /** A copy of a version's weights by stored name. */
  public Map<String, HostTensor> load(ModelVersion version) {
    Map<String, HostTensor> copies = new LinkedHashMap<>();
    try (SafeTensors file = weights.open(version.weights())) {
      file.tensors()
          .forEach(
              (name, tensor) -> {
                HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
                copy.data().copyFrom(tensor.data());
                copies.put(name, copy);
              });
    }
    return copies;
  }
}
