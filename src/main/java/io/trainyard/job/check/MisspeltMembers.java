package io.trainyard.job.check;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.node.ObjectNode;

/**
 * A copy of a body in which misspelt members have the names that were meant. Its other faults are
 * those that the caller still has once the names are right.
 */
final class MisspeltMembers {
  private final ObjectNode body;
  private final List<Violation> faults = new ArrayList<>();
  private final List<Renamed> renamed = new ArrayList<>();

  MisspeltMembers(ObjectNode given) {
    body = given.deepCopy();
  }

  /** The place of a member before and after it was put right. */
  private record Renamed(String before, String after) {
    String undo(String place) {
      boolean inside = place.equals(after) || place.startsWith(after + "/");
      return inside ? before + place.substring(after.length()) : place;
    }
  }

  ObjectNode body() {
    return body;
  }

  /** The faults of the names that were put right. */
  List<Violation> faults() {
    return faults;
  }

  /** Where a place of the copy is in the caller's body. */
  String place(String inCopy) {
    String place = inCopy;
    for (Renamed each : renamed.reversed()) {
      place = each.undo(place);
    }
    return place;
  }

  /**
   * Puts those members right that are not there under their right names as well.
   *
   * @param found the faults of the copy
   * @return whether there was one
   */
  boolean putRight(List<Violation> found) {
    int before = renamed.size();
    for (Violation fault : found) {
      Optional<String> meant = JsonObject.meantMember(fault);
      if (meant.isPresent() && !fault.pointer().isEmpty()) {
        JsonPointer pointer = JsonPointer.compile(fault.pointer());
        String name = pointer.last().getMatchingProperty();
        if (JsonObject.isUnknownMember(fault, name)
            && body.at(pointer.head()) instanceof ObjectNode owner
            && owner.has(name)
            && !owner.hasNonNull(meant.get())) {
          faults.add(fault.moved(this::place));
          owner.set(meant.get(), owner.remove(name));
          String place = Violation.pointer(pointer.head().toString(), meant.get());
          renamed.add(new Renamed(fault.pointer(), place));
        }
      }
    }
    return renamed.size() > before;
  }
}
