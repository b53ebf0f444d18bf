package io.trainyard.spec;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The inputs and outputs of a network by name: element types and shapes without the batch axis. */
public record Signature(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
  public Signature {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  public record Tensor(ElementType type, Shape shape) {
    /** Rows of zeros. */
    public HostTensor zeros(int rows) {
      return HostTensor.allocate(type, shape.batched(rows));
    }
  }

  /** Rows of zeros for each. */
  public static Map<String, HostTensor> zeros(Map<String, Tensor> tensors, int rows) {
    Map<String, HostTensor> zeros = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> zeros.put(name, tensor.zeros(rows)));
    return zeros;
  }
}
