package io.trainyard.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model as a caller describes it: how rows become input tensors, what is predicted, and the
 * network between them. A model without inputs takes raw tensors, and the network gives their
 * shapes. A model without targets can be served and nested, but not trained.
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

  /** The same model with another network. */
  public ModelSpec with(NetworkSpec other) {
    return new ModelSpec(name, inputs, targets, other);
  }

  /** The input of that name. */
  public InputSpec input(String name) {
    InputSpec input = inputs.get(name);
    if (input == null) {
      throw new IllegalArgumentException("there is no input '" + name + "'");
    }
    return input;
  }

  /** The target of that name. */
  public TargetSpec target(String name) {
    TargetSpec target = targets.get(name);
    if (target == null) {
      throw new IllegalArgumentException("there is no target '" + name + "'");
    }
    return target;
  }

  /**
   * The network output that a target trains: the one it names, else the only one, else the one with
   * the target's name; null when there is no such output.
   */
  public @Nullable String outputOf(String target) {
    List<String> outputs = network.outputs();
    String output = target(target).output();
    if (output == null) {
      output = outputs.size() == 1 ? outputs.getFirst() : target;
    }
    return outputs.contains(output) ? output : null;
  }

  /** The columns that inputs and targets name. */
  public Set<String> columns() {
    Set<String> names = new LinkedHashSet<>();
    inputs.values().forEach(input -> names.addAll(input.columns()));
    targets.values().forEach(target -> names.addAll(target.columns()));
    return names;
  }

  /** Whether instances are tensors rather than rows of columns. */
  public boolean takesRawTensors() {
    return inputs.isEmpty();
  }
}
