package io.trainyard.spec;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a network takes and gives, by name, the batch axis left out. */
public record Signature(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
  public Signature {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  public record Tensor(ElementType type, Shape shape) {}
}
