package io.trainyard.attack.generated;

import io.trainyard.crash.Draw;
import io.trainyard.error.Violation;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A body with one mistake.
 *
 * @param at the place of the mistake in the body
 * @param meant the right name of a misspelt member; null for other mistakes
 * @param gone a name that the body no longer gives to anything; null for none
 */
record OneMistake(
    Kind kind, String at, ObjectNode body, @Nullable String meant, @Nullable String gone) {

  /** What is wrong. */
  enum Kind {
    MISSPELT_MEMBER,
    UNKNOWN_MEMBER,
    MISSING_MEMBER,
    OTHER_TYPE,
    OUT_OF_RANGE,
    MISSPELT_VALUE,
    REMOVED_ELEMENT,
    REPEATED_ELEMENT
  }

  /** Objects whose names the caller chooses, or whose members depend on those names. */
  private static final Pattern MAPS =
      Pattern.compile(
          ".*/(inputs|targets|when|losses|loss_weights|learning_rates|class_weights|parameters"
              + "|scale|impute|encode|metrics|types)");

  private static final Set<String> REQUIRED =
      Set.of(
          "model",
          "layers",
          "type",
          "units",
          "filters",
          "kernel_size",
          "rate",
          "loss",
          "epochs",
          "vocabulary",
          "dim",
          "expression",
          "length",
          "shape",
          "name",
          "dataset",
          "column",
          "columns",
          "patience",
          "kind",
          "result",
          "instances",
          "data",
          "datatype",
          "job");

  private static final Pattern COLUMNS = Pattern.compile(".*/(inputs|targets)/[^/]+");
  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]{3,}");

  private static final List<String> OTHERS =
      List.of("7.25", "true", "'x'", "[]", "['x']", "{'other': 1}");

  /** A member of an object, or an element of a list; its name is "" for the element. */
  private record Place(JsonNode owner, String ownerAt, String name, int index) {
    String at() {
      return ownerAt + "/" + (name.isEmpty() ? index : name.replace("/", "~1"));
    }

    JsonNode value() {
      return name.isEmpty() ? owner.get(index) : owner.get(name);
    }

    boolean isMap() {
      return MAPS.matcher(ownerAt).matches();
    }

    void set(JsonNode value) {
      switch (owner) {
        case ObjectNode object -> object.set(name, value);
        case ArrayNode list -> list.set(index, value);
        default -> throw new IllegalStateException("a place is in an object or a list");
      }
    }
  }

  /** A mistake of the kind somewhere in a copy of the body; null where it has no place for one. */
  static @Nullable OneMistake draw(Kind kind, ObjectNode valid, Draw draw) {
    ObjectNode body = valid.deepCopy();
    List<Place> places = new ArrayList<>();
    addPlaces(body, "", places);
    places.removeIf(place -> !fits(kind, place));
    if (places.isEmpty()) {
      return null;
    }
    Place place = draw.pick(places);
    String name = place.name();
    String at = place.at();
    String meant = null;
    String gone = null;
    switch (kind) {
      case MISSPELT_MEMBER -> {
        ObjectNode owner = (ObjectNode) place.owner();
        String other = misspelt(name, draw);
        if (owner.has(other)) {
          return null;
        }
        owner.set(other, owner.remove(name));
        at = place.ownerAt() + "/" + other;
        meant = name;
      }
      case UNKNOWN_MEMBER -> {
        ((ObjectNode) place.owner()).put("surplus", 1);
        at = place.ownerAt() + "/surplus";
      }
      case MISSING_MEMBER -> gone = ((ObjectNode) place.owner()).remove(name).asString(null);
      case OTHER_TYPE -> {
        gone = place.value().asString(null);
        JsonNode old = place.value();
        List<JsonNode> others =
            OTHERS.stream()
                .map(OneMistake::json)
                .filter(other -> other.getNodeType() != old.getNodeType())
                .toList();
        place.set(draw.pick(others));
      }
      case OUT_OF_RANGE -> place.set(json(draw.pick(List.of("-7", "-0.5", "1e30"))));
      case MISSPELT_VALUE -> {
        gone = place.value().stringValue();
        place.set(json("'" + misspelt(gone, draw) + "'"));
      }
      case REMOVED_ELEMENT ->
          gone = place.owner() instanceof ArrayNode list ? name(list.remove(place.index())) : "";
      case REPEATED_ELEMENT -> {
        ArrayNode list = (ArrayNode) place.owner();
        list.add(place.value().deepCopy());
        at = place.ownerAt() + "/" + (list.size() - 1);
      }
    }
    return new OneMistake(kind, at, body, meant, gone);
  }

  private static boolean fits(Kind kind, Place place) {
    boolean fixed = !place.name().isEmpty() && !place.isMap();
    JsonNode value = place.value();
    return switch (kind) {
      case MISSPELT_MEMBER -> fixed && WORD.matcher(place.name()).matches();
      case UNKNOWN_MEMBER -> fixed;
      // What inputs and targets are follows from their columns.
      case MISSING_MEMBER ->
          fixed
              && REQUIRED.contains(place.name())
              && !(COLUMNS.matcher(place.ownerAt()).matches()
                  && !place.name().startsWith("column"));
      case OTHER_TYPE -> true;
      case OUT_OF_RANGE -> value.isNumber();
      case MISSPELT_VALUE -> value.isString() && WORD.matcher(value.stringValue()).matches();
      // Others find it by its name.
      case REMOVED_ELEMENT -> place.name().isEmpty() && value.path("name").isString();
      case REPEATED_ELEMENT -> place.name().isEmpty() && (value.isString() || value.has("name"));
    };
  }

  /**
   * Whether errors tell this mistake once. It is told at its place: at the member or inside it, or,
   * if it is missing, at its owner. A name that is gone is told at each place that still holds it.
   */
  @Nullable String fault(List<Violation> errors) {
    List<String> references = new ArrayList<>();
    if (gone != null) {
      addReferences(body, "", gone, references);
    }
    if (kind == Kind.REMOVED_ELEMENT && references.isEmpty()) {
      return null; // nobody refers to it: this is another network, with faults of its own
    }
    int atPlace = 0;
    for (Violation error : errors) {
      String pointer = error.pointer();
      boolean isReference =
          references.stream()
              .anyMatch(each -> pointer.equals(each) || pointer.startsWith(each + "/"));
      boolean isHere =
          switch (kind) {
            case MISSPELT_MEMBER ->
                pointer.equals(at) && error.detail().contains("'" + meant + "'");
            case MISSING_MEMBER, OUT_OF_RANGE ->
                pointer.equals(at) || pointer.equals(at.substring(0, at.lastIndexOf('/')));
            case REMOVED_ELEMENT -> false;
            // It may be the list that is wrong, or what has the list.
            case REPEATED_ELEMENT ->
                (pointer + "/").startsWith(at + "/") || at.startsWith(pointer + "/");
            default -> pointer.equals(at) || pointer.startsWith(at + "/");
          };
      if (isHere) {
        atPlace++;
      } else if (!isReference) {
        return "not here";
      }
    }
    return atPlace > 1
        ? "twice"
        : atPlace == 1 && errors.size() > 1 ? "and references" : errors.isEmpty() ? "none" : null;
  }

  private static void addReferences(JsonNode node, String at, String name, List<String> all) {
    for (var member : node.properties()) {
      String inside = at + "/" + member.getKey().replace("/", "~1");
      if (member.getKey().equals(name) || member.getValue().asString("").equals(name)) {
        all.add(inside);
      }
      addReferences(member.getValue(), inside, name, all);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      if (node.get(i).asString("").equals(name)) {
        all.add(at + "/" + i);
      }
      addReferences(node.get(i), at + "/" + i, name, all);
    }
  }

  private static String name(JsonNode element) {
    return element.path("name").asString("");
  }

  private static void addPlaces(JsonNode node, String at, List<Place> places) {
    for (var member : node.properties()) {
      Place place = new Place(node, at, member.getKey(), 0);
      places.add(place);
      addPlaces(member.getValue(), place.at(), places);
    }
    // Of a long list of columns, some are enough.
    for (int i = 0; node.isArray() && i < Math.min(6, node.size()); i++) {
      Place place = new Place(node, at, "", i);
      places.add(place);
      addPlaces(node.get(i), place.at(), places);
    }
  }

  /** A name with one letter lost, doubled or swapped with the next; the first letter is right. */
  private static String misspelt(String name, Draw draw) {
    int i = 1 + draw.below(name.length() - 2);
    String other =
        switch (draw.below(3)) {
          case 0 -> name.substring(0, i) + name.substring(i + 1);
          case 1 -> name.substring(0, i) + name.charAt(i) + name.substring(i);
          default ->
              name.substring(0, i) + name.charAt(i + 1) + name.charAt(i) + name.substring(i + 2);
        };
    return other.equals(name) ? name + name.charAt(name.length() - 1) : other;
  }

  private static JsonNode json(String text) {
    return StrictJson.parse("{\"v\":" + text.replace('\'', '"') + "}").get("v");
  }
}
