package io.trainyard.predict;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks the names of the layer outputs that a caller asks for. */
public final class OutputNames {
  private static final int SHOWN = 50;

  private OutputNames() {}

  /** The most names that a caller can ask for: each layer after and before its activation. */
  static int most(VersionDefinition definition) {
    return 2 * definition.shapes().layers().size();
  }

  /** Checks the names in the member {@code outputs} of a body; throws all faults. */
  public static void check(List<String> names, VersionDefinition definition) {
    check(names, definition, Set.of());
  }

  /**
   * As {@link #check(List, VersionDefinition)}.
   *
   * @param others names that may stand there too
   */
  static void check(List<String> names, VersionDefinition definition, Set<String> others) {
    if (names.isEmpty()) {
      return;
    }
    Violations violations = new Violations();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String layer = ForwardPlan.layerOf(name);
      String place = Violation.pointer("/outputs", i);
      if (others.contains(name)) {
        if (!seen.add(name)) {
          violations.add(place, "'" + name + "' is named twice");
        }
      } else if (!definition.shapes().layers().containsKey(layer)) {
        violations.add(place, unknown(layer, definition));
      } else if (ForwardPlan.isBeforeActivation(name) && activatesInside(layer, definition)) {
        violations.add(
            place,
            "'%1$s' applies its activations inside, so it has no value before them: ask for '%1$s'"
                .formatted(layer));
      } else if (!seen.add(name)) {
        violations.add(place, "'" + name + "' is named twice");
      }
    }
    violations.throwIfAny();
  }

  /** Whether a layer's activations are followed by more computation. */
  private static boolean activatesInside(String layer, VersionDefinition definition) {
    return switch (definition.spec().network().layer(layer).spec()) {
      case RecurrentSpec _, AttentionSpec.TransformerEncoder _ -> true;
      default -> false;
    };
  }

  private static String unknown(String layer, VersionDefinition definition) {
    Set<String> layers = definition.shapes().layers().keySet();
    String known = String.join(", ", layers.stream().limit(SHOWN).toList());
    return "There is no layer '%s'; the layers are %s%s"
        .formatted(
            JsonObject.shorten(layer),
            known,
            layers.size() > SHOWN ? " and " + (layers.size() - SHOWN) + " more" : "");
  }
}
