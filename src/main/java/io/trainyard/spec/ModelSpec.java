package io.trainyard.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model as a caller describes it: how rows become input tensors, what is predicted, and the
 * network between them. Without inputs the model takes raw tensors, whose shapes the network gives;
 * without targets it can be served and nested, not trained.
 */
public record ModelSpec(
    String name,
    Map<String, InputSpec> inputs,
    Map<String, TargetSpec> targets,
    NetworkSpec network) {
  public ModelSpec {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
  }

  /** Whether instances are tensors rather than rows of columns. */
  public boolean takesRawTensors() {
    return inputs.isEmpty();
  }
}
