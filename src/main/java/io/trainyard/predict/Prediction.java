package io.trainyard.predict;

import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/**
 * The outputs of a network for one request.
 *
 * @param outputs [rows, ...] by name: the network's own outputs and the layers that the caller
 *     asked for
 */
public record Prediction(
    ModelVersion version, VersionDefinition definition, int rows, Map<String, HostTensor> outputs) {
  public Prediction {
    outputs = Map.copyOf(outputs);
  }

  public HostTensor output(String name) {
    HostTensor output = outputs.get(name);
    if (output == null) {
      throw new IllegalArgumentException("there is no output '" + name + "'");
    }
    return output;
  }
}
