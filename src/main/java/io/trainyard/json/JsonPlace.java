package io.trainyard.json;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A place in a JSON object where a value can be set, by its JSON pointer (RFC 6901).
 *
 * @param names from the object to the place
 */
public record JsonPlace(String pointer, List<String> names) {
  public JsonPlace {
    names = List.copyOf(names);
  }

  /** The place, or null where the text is no pointer to a member. */
  public static @Nullable JsonPlace of(String pointer) {
    return pointer.startsWith("/")
        ? new JsonPlace(
            pointer,
            Arrays.stream(pointer.substring(1).split("/", -1))
                .map(name -> name.replace("~1", "/").replace("~0", "~"))
                .toList())
        : null;
  }

  /**
   * Why no value can be set there; null when one can.
   *
   * @param what the object is, as a sentence begins with it
   */
  public @Nullable String fault(ObjectNode object, String what) {
    String last = names.getLast();
    return switch (parent(object)) {
      case ObjectNode _ -> null;
      case ArrayNode list when element(list, last) != null -> null;
      case ArrayNode list ->
          "The list has %d elements, from 0; there is no '%s'"
              .formatted(list.size(), JsonObject.shorten(last));
      case null, default ->
          "%s has nothing at '%s', in which '%s' could be set%s"
              .formatted(
                  what,
                  JsonObject.shorten(pointer.substring(0, pointer.lastIndexOf('/'))),
                  JsonObject.shorten(last),
                  wayOut(last));
    };
  }

  /** An object of members can be written first; a list and its elements cannot. */
  private String wayOut(String last) {
    String above = names.size() > 1 ? names.get(names.size() - 2) : "";
    return above.isEmpty() || isIndex(above) || isIndex(last)
        ? ""
        : "; write \"%s\": {} there first".formatted(JsonObject.shorten(above));
  }

  private static boolean isIndex(String name) {
    return !name.isEmpty() && Character.isDigit(name.charAt(0));
  }

  /** Sets a value where there is no {@link #fault}. */
  public void set(ObjectNode object, JsonNode value) {
    switch (parent(object)) {
      case ObjectNode members -> members.set(names.getLast(), value.deepCopy());
      case ArrayNode list -> list.set(Integer.parseInt(names.getLast()), value.deepCopy());
      case null, default -> throw new IllegalStateException("there is nothing at " + pointer);
    }
  }

  /** As {@link #set}, where null removes a member. */
  public void merge(ObjectNode object, JsonNode value) {
    if (value.isNull() && parent(object) instanceof ObjectNode members) {
      members.remove(names.getLast());
    } else {
      set(object, value);
    }
  }

  private @Nullable JsonNode parent(JsonNode object) {
    JsonNode at = object;
    for (String name : names.subList(0, names.size() - 1)) {
      at = at instanceof ArrayNode list ? element(list, name) : at.get(name);
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  private static @Nullable JsonNode element(ArrayNode list, String name) {
    return name.matches("[0-9]{1,9}") ? list.get(Integer.parseInt(name)) : null;
  }
}
