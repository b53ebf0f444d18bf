package io.trainyard.dataset.recipe;

import java.util.Collection;
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

  /** Adds a layer that reads others, under a name of its own. */
  ObjectNode add(String type, String name, List<String> inputs) {
    ObjectNode layer = list.addObject().put("type", type).put("name", name);
    ArrayNode reads = layer.putArray("inputs");
    inputs.forEach(reads::add);
    return layer;
  }

  /** Adds a layer without options under a {@link #name}, which it gives. */
  String plain(String type, String wanted, String... inputs) {
    String name = name(wanted);
    ObjectNode _ = add(type, name, List.of(inputs));
    return name;
  }

  /** Adds a dense layer under a {@link #name}, to which options may be added. */
  ObjectNode dense(String wanted, String input, int units) {
    return add("dense", name(wanted), List.of(input)).put("units", units);
  }

  /** The name of a layer that was added. */
  static String nameOf(ObjectNode layer) {
    return layer.get("name").stringValue();
  }

  ArrayNode list() {
    return list;
  }

  /** The network of the layers; several outputs are named. */
  ObjectNode network(Collection<String> outputs) {
    ObjectNode network = JsonNodeFactory.instance.objectNode();
    network.set("layers", list);
    if (outputs.size() > 1) {
      outputs.forEach(network.putArray("outputs")::add);
    }
    return network;
  }
}
