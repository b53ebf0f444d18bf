package io.trainyard.spec.phase;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.Phases;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Faults of the phases of a training, each at the member that has it. Phases may inherit what does
 * not suit all of them, such as a metric of classes: it must suit one.
 */
public final class PhaseFaults {
  /** Members whose parts are for the phases that they suit. */
  private static final Set<String> FOR_SOME =
      Set.of(
          "metrics",
          "class_weights",
          "losses",
          "loss_weights",
          "learning_rates",
          "diagnostics",
          "weight_decay_exclude");

  /** Of these, the members that are missing something when the fault is at the whole member. */
  private static final Set<String> NEEDED = Set.of("metrics", "losses", "loss_weights");

  private final Phases phases;
  private final Set<Violation> found = new LinkedHashSet<>();

  /** By inherited place, the detail of its first fault. */
  private final Map<String, String> forSome = new LinkedHashMap<>();

  /** By phase, the inherited places that do not suit it. */
  private final Map<Phase, Set<String>> places = new HashMap<>();

  public PhaseFaults(Phases phases) {
    this.phases = phases;
  }

  /** Adds what a check of the phase found, below the phase or below the training around it. */
  public void add(Phase phase, Violations faults) {
    Set<String> own = places.computeIfAbsent(phase, _ -> new LinkedHashSet<>());
    for (Violation fault : faults.list()) {
      Violation placed = fault.moved(phase::place);
      String place = placed.pointer();
      String member = inherited(phase, place);
      if (member.isEmpty()) {
        found.add(placed);
      } else if (FOR_SOME.contains(member)
          && !(NEEDED.contains(member) && place.endsWith("/" + member))) {
        forSome.putIfAbsent(place, fault.detail());
        own.add(place);
      } else {
        found.add(placed.told("Phase '%s': %s".formatted(phase.name(), fault.detail())));
      }
    }
  }

  /** The inherited member that a place is in; "" when it is in none. */
  private static String inherited(Phase phase, String place) {
    for (String member : phase.inherited()) {
      String at = Phase.around(phase.pointer()) + "/" + member;
      if (place.equals(at) || place.startsWith(at + "/")) {
        return member;
      }
    }
    return "";
  }

  /** Adds all faults; a part for some phases only if it suits none that inherits it. */
  public void addTo(Violations violations) {
    found.forEach(violations::add);
    forSome.forEach(
        (place, detail) -> {
          boolean suitsOne =
              phases.list().stream()
                  .filter(phase -> !inherited(phase, place).isEmpty())
                  .anyMatch(phase -> suits(phase, place));
          if (!suitsOne) {
            violations.add(place, detail);
          }
        });
  }

  private boolean suits(Phase phase, String place) {
    return places.getOrDefault(phase, Set.of()).stream()
        .noneMatch(fault -> place.equals(fault) || place.startsWith(fault + "/"));
  }
}
