package io.trainyard.spec;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.NestedSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a layer that is another model: its layers, with the layer's name as a prefix. {@link
 * ReferencedModels} has put the nested network into the layer.
 */
final class NestedReader {
  private final JsonObject layer;
  private final Layer outer;

  private NestedReader(JsonObject layer, Layer outer) {
    this.layer = layer;
    this.outer = outer;
  }

  /**
   * A nested model.
   *
   * @param layers all its layers, with their names in the outer network
   * @param outputs the layers that other layers read: the outer layer itself, or its several
   *     outputs
   */
  record Nested(List<Layer> layers, List<String> outputs) {
    Nested {
      layers = List.copyOf(layers);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * The nested model, or null when the violations say why not.
   *
   * @param outer name, inputs, trainable and index of the layer; its spec is a placeholder
   */
  static @Nullable Nested read(JsonObject layer, Layer outer) {
    return new NestedReader(layer, outer).read();
  }

  /** Asks for the members of a nested model. */
  static void ask(JsonObject layer) {
    List.of("ref", "outputs", "network").forEach(layer::get);
  }

  private @Nullable Nested read() {
    String ref = layer.requiredText("ref");
    List<String> chosen = layer.texts("outputs");
    JsonObject network = layer.object("network");
    if (layer.hasText("ref")
        && layer.build(layer.pointer("ref"), () -> ModelReference.parse(ref)) == null) {
      return null;
    }
    if (network == null) {
      if (layer.hasText("ref")) {
        layer.violate("ref", "'" + ref + "' has not been looked up");
      }
      return null;
    }
    NetworkReader.ReadNetwork read = NetworkReader.read(network, null, true);
    if (!read.isComplete()) {
      return null;
    }
    NetworkSpec inner = read.spec();
    if (outer.inputs().size() != inner.inputNames().size()) {
      layer.violate(
          "inputs",
          "The model '%s' takes %d inputs %s, but %d are given: %s"
              .formatted(
                  ref,
                  inner.inputNames().size(),
                  inner.inputNames(),
                  outer.inputs().size(),
                  outer.inputs()));
      return null;
    }
    List<String> outputs = outputs(chosen == null ? inner.outputs() : chosen, inner);
    if (outputs == null) {
      return null;
    }
    List<String> readable =
        outputs.size() == 1 ? List.of(outer.name()) : outputs.stream().map(this::inside).toList();
    return new Nested(layers(ref, inner, outputs), readable);
  }

  private @Nullable List<String> outputs(List<String> chosen, NetworkSpec inner) {
    List<String> known = inner.layers().stream().map(Layer::name).toList();
    boolean found = !chosen.isEmpty();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < chosen.size(); i++) {
      String output = JsonObject.shorten(chosen.get(i));
      if (!known.contains(chosen.get(i))) {
        found = false;
        layer.violate("outputs", i, "There is no layer '" + output + "' in the nested model");
      } else if (!seen.add(chosen.get(i))) {
        found = false;
        layer.violate("outputs", i, "The output '" + output + "' is listed twice");
      }
    }
    if (chosen.isEmpty()) {
      layer.violate("outputs", "At least one layer was expected, got an empty list");
    }
    return found ? chosen : null;
  }

  private List<Layer> layers(String ref, NetworkSpec inner, List<String> outputs) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < inner.inputNames().size(); i++) {
      String input = inner.inputNames().get(i);
      LayerSpec entry = new NestedSpec.Entry(inner.input(input));
      layers.add(
          new Layer(
              inside(input), entry, List.of(outer.inputs().get(i)), true, null, outer.index()));
    }
    for (Layer each : inner.layers()) {
      layers.add(
          new Layer(
              inside(each.name()),
              each.spec(),
              each.inputs().stream().map(this::inside).toList(),
              outer.trainable() && each.trainable(),
              each.share() == null ? null : inside(each.share()),
              outer.index()));
    }
    // A single output has the name of the layer; several are read by their inner names.
    if (outputs.size() == 1) {
      layers.add(
          new Layer(
              outer.name(),
              new NestedSpec.Exit(ref),
              List.of(inside(outputs.getFirst())),
              outer.trainable(),
              null,
              outer.index()));
    }
    return layers;
  }

  private String inside(String name) {
    return NestedSpec.name(outer.name(), name);
  }
}
