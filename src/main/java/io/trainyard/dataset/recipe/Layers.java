package io.trainyard.dataset.recipe;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Layers in order, with names that no input has. */
final class Layers {
  private final ArrayNode list = JsonNodeFactory.instance.arrayNode();
  private final Set<String> taken = new HashSet<>();

  Layers(Iterable<String> inputs) {
    inputs.forEach(taken::add);
  }

  /** A free name: the wanted one, or with a number behind it. */
  String name(String wanted) {
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + "_" + i;
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
