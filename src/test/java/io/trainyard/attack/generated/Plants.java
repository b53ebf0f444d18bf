package io.trainyard.attack.generated;

import io.trainyard.crash.Draw;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Faults that can be planted into a valid body, each at one place. */
final class Plants {
  private Plants() {}

  /**
   * A fault.
   *
   * @param at where its violation must be; a violation further inside, or at one parent, is as good
   * @param plants makes the body faulty
   * @param hides the places whose other faults nobody can know beside this one
   */
  record Plant(String at, Consumer<ObjectNode> plants, List<String> hides) {
    static Plant of(String at, Consumer<ObjectNode> plants) {
      return new Plant(at, plants, List.of());
    }

    /** The same fault, beside which the faults of these places are unknown. */
    Plant hiding(String... places) {
      return new Plant(at, plants, List.of(places));
    }

    /** Whether each can be found beside the other. */
    boolean isIndependentOf(Plant other) {
      return !at.equals(other.at)
          && !isBelow(other.at, at)
          && !isBelow(at, other.at)
          && !hides(other)
          && !other.hides(this);
    }

    private boolean hides(Plant other) {
      return hides.stream().anyMatch(place -> place.equals(other.at) || isBelow(other.at, place));
    }

    /** Whether a list of pointers names this fault. */
    boolean isAmong(List<String> pointers) {
      String parent = at.substring(0, Math.max(0, at.lastIndexOf('/')));
      return pointers.stream()
          .anyMatch(
              pointer -> pointer.equals(at) || isBelow(pointer, at) || pointer.equals(parent));
    }

    @Override
    public String toString() {
      return at;
    }
  }

  private static boolean isBelow(String pointer, String place) {
    return pointer.startsWith(place + "/");
  }

  /** A member gets another value; the objects around it are made where they are missing. */
  static Plant set(String pointer, String json) {
    return Plant.of(pointer, body -> set(body, pointer, json));
  }

  static void set(ObjectNode body, String pointer, String json) {
    JsonNode value = StrictJson.parse("{\"v\":" + json.replace('\'', '"') + "}").get("v");
    int slash = pointer.lastIndexOf('/');
    String name = pointer.substring(slash + 1).replace("~1", "/");
    JsonNode owner = slash == 0 ? body : body.at(pointer.substring(0, slash));
    if (owner.isMissingNode()) {
      set(body, pointer.substring(0, slash), "{}");
      owner = body.at(pointer.substring(0, slash));
    }
    if (owner instanceof ArrayNode list) {
      int index = Integer.parseInt(name);
      if (index == list.size()) {
        list.add(value);
      } else {
        list.set(index, value);
      }
    } else {
      ((ObjectNode) owner).set(name, value);
    }
  }

  /** A required member is left out. */
  static Plant remove(String pointer) {
    int slash = pointer.lastIndexOf('/');
    return Plant.of(
        pointer,
        body ->
            ((ObjectNode) (slash == 0 ? body : body.at(pointer.substring(0, slash))))
                .remove(pointer.substring(slash + 1)));
  }

  /** An unknown member in each object that has fixed members. */
  static Stream<Plant> unknown(String... owners) {
    return Stream.of(owners).map(owner -> set(owner + "/surplus", "1"));
  }

  /** A fault, and others of a list that are independent of all chosen before. */
  static List<Plant> choose(Plant first, List<Plant> all, int count, Draw draw) {
    List<Plant> chosen = new ArrayList<>(List.of(first));
    for (int tries = 0; tries < 50 && chosen.size() < count; tries++) {
      Plant plant = draw.pick(all);
      if (chosen.stream().allMatch(plant::isIndependentOf)) {
        chosen.add(plant);
      }
    }
    return chosen;
  }
}
