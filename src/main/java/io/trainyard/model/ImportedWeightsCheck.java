package io.trainyard.model;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks the tensors of a file against the weights of a network. */
final class ImportedWeightsCheck {
  /** PyTorch's batch counter, which a file may leave out. */
  private static final String COUNTER = ".num_batches_tracked";

  private ImportedWeightsCheck() {}

  /**
   * The network's weights, in its order. Adds a violation for every tensor that is missing,
   * unexpected, not finite, or of another shape or type.
   */
  static Map<String, HostTensor> fit(
      Map<String, HostTensor> given,
      List<WeightSpec> expected,
      String pointer,
      Violations violations) {
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    for (WeightSpec weight : expected) {
      String at = Violation.pointer(pointer, weight.name());
      HostTensor tensor = given.get(weight.name());
      if (tensor == null && weight.name().endsWith(COUNTER)) {
        weights.put(weight.name(), HostTensor.allocate(ElementType.INT64, Shape.SCALAR));
      } else if (tensor == null) {
        violations.add(at, "'" + weight.name() + "' " + weight.shape() + " is missing");
      } else {
        check(weight, tensor, at, violations);
        weights.put(weight.name(), tensor);
      }
    }
    Set<String> known = expected.stream().map(WeightSpec::name).collect(Collectors.toSet());
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        violations.add(
            Violation.pointer(pointer, name), "The network stores nothing named '" + name + "'");
      }
    }
    return weights;
  }

  private static void check(
      WeightSpec expected, HostTensor given, String at, Violations violations) {
    if (!given.shape().equals(expected.shape())) {
      violations.add(
          at,
          "'%s' has the shape %s, the network expects %s"
              .formatted(expected.name(), given.shape(), expected.shape()));
    } else if (given.type() != expected.type()) {
      violations.add(
          at,
          "'%s' holds %s, the network expects %s%s"
              .formatted(
                  expected.name(),
                  given.type().safeTensorsName(),
                  expected.type().safeTensorsName(),
                  given.type() == ElementType.FLOAT64 ? ". " + SafeTensors.IN_FLOAT32 : ""));
    } else if (given.type() == ElementType.FLOAT32) {
      checkFinite(expected.name(), given, at, violations);
    }
  }

  private static void checkFinite(String name, HostTensor given, String at, Violations violations) {
    long elements = given.shape().elements();
    for (long i = 0; i < elements; i++) {
      if (!Float.isFinite(given.floatAt(i))) {
        violations.add(at, "'%s' holds %s at element %d".formatted(name, given.floatAt(i), i));
        return;
      }
    }
  }
}
