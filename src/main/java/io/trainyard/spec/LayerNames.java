package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.Layer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names that layers read and that can be outputs of a network. */
final class LayerNames {
  private final JsonObject network;

  /** Names of all layers, including unreadable ones and those of nested models. */
  private final Set<String> names = new HashSet<>();

  /** By nested model with several outputs, these outputs. The model's own name has no value. */
  private final Map<String, List<String>> several = new HashMap<>();

  private String last = "";

  LayerNames(JsonObject network) {
    this.network = network;
  }

  /** Adds a layer, in the caller's order. */
  void add(String name) {
    names.add(name);
    last = name;
  }

  /** Adds the layers of a nested model, whose own name was added. */
  void add(String name, NestedReader.Nested nested) {
    nested.layers().forEach(layer -> names.add(layer.name()));
    if (nested.outputs().size() > 1) {
      several.put(name, nested.outputs());
    }
  }

  /** The outputs of a network that names none: the last layer, or its several outputs. */
  List<String> outputsOfLast() {
    return several.getOrDefault(last, List.of(last));
  }

  /** Refuses layers that read what does not exist. */
  void checkReads(List<Layer> layers, List<String> inputs) {
    Set<String> known = new HashSet<>(inputs);
    known.addAll(names);
    for (Layer layer : layers) {
      for (int i = 0; i < layer.inputs().size(); i++) {
        String read = layer.inputs().get(i);
        String own = Violation.pointer(network.pointer("layers"), layer.index()) + "/inputs";
        if (!known.contains(read)) {
          network
              .violations()
              .add(
                  Violation.pointer(own, i),
                  "There is no layer or input '" + JsonObject.shorten(read) + "'");
        } else if (several.containsKey(read)) {
          network.violations().add(Violation.pointer(own, i), oneOf(read));
        }
      }
    }
  }

  private String oneOf(String model) {
    List<String> outputs = several.getOrDefault(model, List.of());
    return "The model '%s' has several outputs: name one of %s, or choose one in its 'outputs'"
        .formatted(model, JsonObject.shorten(String.join(", ", outputs)));
  }

  /** The outputs that the caller named. */
  List<String> checkedOutputs(List<String> outputs) {
    if (outputs.isEmpty()) {
      network.violate("outputs", "At least one layer was expected, got an empty list");
    }
    if (outputs.size() > NetworkReader.MAX_LAYERS) {
      network.violate(
          "outputs",
          "At most %d were expected, got %d".formatted(NetworkReader.MAX_LAYERS, outputs.size()));
      return List.of();
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < outputs.size(); i++) {
      String at = Violation.pointer(network.pointer("outputs"), i);
      String output = JsonObject.shorten(outputs.get(i));
      if (!names.contains(outputs.get(i))) {
        network.violations().add(at, "There is no layer '" + output + "'");
      } else if (several.containsKey(outputs.get(i))) {
        network.violations().add(at, oneOf(outputs.get(i)));
      } else if (!seen.add(outputs.get(i))) {
        network.violations().add(at, "The output '" + output + "' is listed twice");
      }
    }
    return outputs;
  }
}
