package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.layer.Layer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names that layers read and that can be outputs of a network. It knows the layers that could
 * not be read too, so a fault in one of them hides no wrong name elsewhere.
 */
public final class LayerNames {
  private static final String UNREAD = "No layer reads the input '";
  private static final String UNUSED = "' leads to no output: ";

  private final JsonObject network;
  private final Violations violations;

  /** Names of all layers, including unreadable ones and those of nested models. */
  private final Set<String> names = new HashSet<>();

  /** By nested model with several outputs, these outputs. The model's own name has no value. */
  private final Map<String, List<String>> several = new HashMap<>();

  private final List<Listed> listed = new ArrayList<>();
  private String last = "";
  private int unknownReads;
  private int unnamed;

  LayerNames(JsonObject network) {
    this.network = network;
    this.violations = network.violations();
  }

  /**
   * A layer of the list.
   *
   * @param reads the names of what it reads
   */
  private record Listed(int index, List<String> reads, @Nullable String share) {}

  /** Adds a layer, in the caller's order. */
  void add(String name, int index, List<String> reads, @Nullable String share) {
    names.add(name);
    listed.add(new Listed(index, reads, share));
    last = name;
  }

  /** Adds the layers of a nested model, whose own name was added. */
  void add(String name, NestedReader.Nested nested) {
    nested.layers().forEach(layer -> names.add(layer.name()));
    if (nested.outputs().size() > 1) {
      several.put(name, nested.outputs());
    }
  }

  boolean hasLayer(String name) {
    return names.contains(name);
  }

  /** A layer does not say what it reads. */
  void mayReadAny() {
    unknownReads = Integer.MAX_VALUE / 2;
  }

  /** A layer does not say its name: it may be one that others use. */
  void mayBeAny() {
    unnamed++;
  }

  /** The inputs cannot be read: any name may be one of them. */
  void inputsAreUnknown() {
    unnamed = Integer.MAX_VALUE / 2;
  }

  /** How often a layer reads what is not there. */
  int unknownReads() {
    return unknownReads;
  }

  /** Whether the list of layers could be read. */
  boolean areKnown() {
    return !listed.isEmpty();
  }

  /** Whether a layer reads it; any may, as long as the layers are unknown. */
  boolean mayRead(String input) {
    return listed.isEmpty() || listed.stream().anyMatch(layer -> layer.reads().contains(input));
  }

  /**
   * Checks all names.
   *
   * @param layers those that could be read
   * @param outputs as given; null for the last layer
   * @return the names of the outputs
   */
  List<String> check(
      List<String> inputs,
      Set<String> rawInputs,
      List<Layer> layers,
      @Nullable List<String> outputs) {
    if (unnamed > 0) {
      nameUnnamed(inputs, outputs);
    }
    checkReads(inputs);
    checkShares(layers);
    List<String> unread = rawInputs.stream().filter(input -> !mayRead(input)).toList();
    // A layer that reads an unknown name may mean one of them.
    if (unread.size() > unknownReads) {
      unread.forEach(
          input ->
              violations.add(Violation.pointer(network.pointer("inputs"), input), unread(input)));
    }
    return outputs == null ? outputsOfLast() : checkedOutputs(outputs);
  }

  /** The fault of an input that no layer reads. */
  static String unread(String input) {
    return UNREAD + input + "'";
  }

  /** Whether it is that of an input that no layer reads. */
  public static boolean isUnread(Violation fault) {
    return fault.detail().startsWith(UNREAD);
  }

  /** The fault of a layer whose result is not used. */
  public static String unused(String layer) {
    return "Layer '%s%sname it in 'outputs' or in a phase's 'train', or remove it"
        .formatted(layer, UNUSED);
  }

  /** Whether it is that of a layer whose result is not used. */
  public static boolean isUnused(Violation fault) {
    return fault.detail().contains(UNUSED);
  }

  /** Gives the layers that do not say their names those that are used and that no other has. */
  private void nameUnnamed(List<String> inputs, @Nullable List<String> outputs) {
    Set<String> used = new LinkedHashSet<>();
    for (Listed layer : listed) {
      used.addAll(layer.reads());
      if (layer.share() != null) {
        used.add(layer.share());
      }
    }
    if (outputs != null) {
      used.addAll(outputs);
    }
    used.removeAll(names);
    inputs.forEach(used::remove);
    if (used.size() <= unnamed) {
      names.addAll(used);
    }
  }

  /** The outputs of a network that names none: the last layer, or its several outputs. */
  private List<String> outputsOfLast() {
    return several.getOrDefault(last, List.of(last));
  }

  /** Refuses layers that read what does not exist. */
  private void checkReads(List<String> inputs) {
    Set<String> known = new HashSet<>(inputs);
    known.addAll(names);
    for (Listed layer : listed) {
      for (int i = 0; i < layer.reads().size(); i++) {
        String read = layer.reads().get(i);
        String own = at(layer.index(), "inputs");
        if (!known.contains(read)) {
          unknownReads++;
          String at = Violation.pointer(own, i);
          violations.add(
              () ->
                  new Violation(
                      at,
                      "There is no layer or input '"
                          + JsonObject.shorten(read)
                          + "'"
                          + similar(read, known)));
        } else if (several.containsKey(read)) {
          violations.add(Violation.pointer(own, i), oneOf(read));
        }
      }
    }
  }

  private static String similar(String name, Set<String> known) {
    return NameAdvice.similar(name, new TreeSet<>(known))
        .map(other -> "; did you mean '" + other + "'?")
        .orElse("");
  }

  private void checkShares(List<Layer> layers) {
    Map<String, Layer> byName = new HashMap<>();
    layers.forEach(layer -> byName.putIfAbsent(layer.name(), layer));
    for (Listed each : listed) {
      if (each.share() != null && !names.contains(each.share())) {
        violations.add(
            at(each.index(), "share"),
            "There is no layer '" + JsonObject.shorten(each.share()) + "'");
      }
    }
    for (Layer layer : layers) {
      Layer owner = layer.share() == null ? null : byName.get(layer.share());
      String at = at(layer.index(), "share");
      if (owner != null && owner.share() != null) {
        violations.add(
            at,
            "'%s' shares the weights of '%s' itself: share with that layer"
                .formatted(owner.name(), JsonObject.shorten(owner.share())));
      } else if (owner != null && !owner.spec().type().equals(layer.spec().type())) {
        violations.add(
            at,
            "A layer of type %s was expected, but '%s' is of type %s"
                .formatted(layer.spec().type(), owner.name(), owner.spec().type()));
      }
    }
  }

  private String oneOf(String model) {
    List<String> outputs = several.getOrDefault(model, List.of());
    return "The model '%s' has several outputs: name one of %s, or choose one in its 'outputs'"
        .formatted(model, JsonObject.shorten(String.join(", ", outputs)));
  }

  /** The outputs that the caller named. */
  private List<String> checkedOutputs(List<String> outputs) {
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
      String output = JsonObject.shorten(outputs.get(i));
      if (!names.contains(outputs.get(i))) {
        network.violate(
            "outputs", i, "There is no layer '" + output + "'" + similar(outputs.get(i), names));
      } else if (several.containsKey(outputs.get(i))) {
        network.violate("outputs", i, oneOf(outputs.get(i)));
      } else if (!seen.add(outputs.get(i))) {
        network.violate("outputs", i, "The output '" + output + "' is listed twice");
      }
    }
    return outputs.stream().distinct().toList();
  }

  void refuse(List<Layer> cycle) {
    StringBuilder path = new StringBuilder(cycle.getFirst().name());
    for (Layer layer : cycle.subList(1, cycle.size())) {
      path.append(" → ").append(layer.name());
      if (path.length() > 200) {
        path.append(" → …");
        break;
      }
    }
    path.append(" → ").append(cycle.getFirst().name());
    violations.add(at(cycle.getFirst().index(), "inputs"), "The layers form a cycle: " + path);
  }

  private String at(int index, String member) {
    return Violation.pointer(Violation.pointer(network.pointer("layers"), index), member);
  }
}
