package io.trainyard.predict;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.model.VersionDefinition;
import java.util.List;

/** Checks the names of the layer outputs that a caller asks for. */
final class OutputNames {
  private static final String PRE_ACTIVATION = ":pre";

  private OutputNames() {}

  static void check(List<String> names, VersionDefinition definition) {
    if (names.isEmpty()) {
      return;
    }
    Violations violations = new Violations();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String layer =
          name.endsWith(PRE_ACTIVATION)
              ? name.substring(0, name.length() - PRE_ACTIVATION.length())
              : name;
      if (!definition.shapes().layers().containsKey(layer)) {
        violations.add(
            Violation.pointer("/outputs", i),
            "There is no layer '"
                + layer
                + "'; the layers are "
                + String.join(", ", definition.shapes().layers().keySet()));
      }
    }
    violations.throwIfAny();
  }
}
