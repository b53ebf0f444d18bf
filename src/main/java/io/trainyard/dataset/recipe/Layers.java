package io.trainyard.dataset.recipe;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Layers in order, with names that no input has. */
final class Layers {
  /** The letters of a name. */
  private static final int LONGEST = 64;

  private final ArrayNode list = JsonNodeFactory.instance.arrayNode();
  private final Set<String> taken = new HashSet<>();

  Layers(Iterable<String> inputs) {
    inputs.forEach(taken::add);
  }

  /** A free name: the wanted one, or with a number behind it. */
  String name(String wanted) {
    return free(wanted, taken);
  }

  /** As {@link #name}, among these names, to which it is added; a long one is cut. */
  static String free(String wanted, Set<String> taken) {
    String name = wanted.substring(0, Math.min(wanted.length(), LONGEST));
    for (int i = 2; !taken.add(name); i++) {
      String end = "_" + i;
      name = wanted.substring(0, Math.min(wanted.length(), LONGEST - end.length())) + end;
    }
    return name;
  }

  /** Adds a layer that reads others. */
  ObjectNode add(String type, String name, List<String> inputs) {
    ObjectNode layer = list.addObject().put("type", type).put("name", name);
    ArrayNode reads = layer.putArray("inputs");
    inputs.forEach(reads::add);
    return layer;
  }

  ArrayNode list() {
    return list;
  }
}
