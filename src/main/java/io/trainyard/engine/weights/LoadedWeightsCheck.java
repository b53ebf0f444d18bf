package io.trainyard.engine.weights;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violations;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares weights with the tensors that a network needs. */
public final class LoadedWeightsCheck {
  private LoadedWeightsCheck() {}

  /**
   * Refuses weights that are missing, unknown or of another shape or type.
   *
   * @throws io.trainyard.error.ServiceException WEIGHTS_MISMATCH listing all differences
   */
  public static void require(List<WeightSpec> expected, Map<String, HostTensor> given) {
    Violations violations = new Violations();
    Set<String> unknown = new HashSet<>(given.keySet());
    for (WeightSpec spec : expected) {
      unknown.remove(spec.name());
      HostTensor tensor = given.get(spec.name());
      if (tensor == null) {
        violations.add("", "the tensor '" + spec.name() + "' is missing");
      } else if (!tensor.shape().equals(spec.shape()) || tensor.type() != spec.type()) {
        violations.add(
            "",
            "the tensor '%s' must be %s %s, was %s %s"
                .formatted(spec.name(), spec.type(), spec.shape(), tensor.type(), tensor.shape()));
      }
    }
    unknown.stream()
        .sorted()
        .forEach(name -> violations.add("", "the network has no tensor '" + name + "'"));
    violations.throwIfAny(ErrorCode.WEIGHTS_MISMATCH);
  }
}
