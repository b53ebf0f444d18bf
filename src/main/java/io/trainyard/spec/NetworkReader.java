package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.recipe.RecipeSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Reads a network: names its layers, connects them and orders them for computation. */
public final class NetworkReader {
  /** About ten times as deep as the deepest published networks that are written layer by layer. */
  public static final int MAX_LAYERS = 2_000;

  /** Placeholder for a nested model until its layers are read. */
  private static final LayerSpec NESTED = new NestedSpec.Exit("");

  private static final int MAX_INPUTS = 1_000;

  /** As many as an ensemble inside layers may have. */
  private static final int MAX_MEMBERS = 1024;

  /** The most connections between layers. Checks of a network visit each several times. */
  public static final int MAX_READS = 20_000;

  /**
   * The most characters of all expressions together. A parsed expression takes about 60 bytes of
   * heap for each.
   */
  private static final int MAX_EXPRESSIONS = 200_000;

  private final JsonObject network;
  private final Violations violations;

  private final LayerNames names;

  /** Whether it was valid once: names that were reserved later are none of its faults. */
  private final boolean stored;

  private NetworkReader(JsonObject network, boolean stored) {
    this.network = network;
    this.stored = stored;
    this.violations = network.violations();
    names = new LayerNames(network);
  }

  /**
   * A network as far as it could be read. A layer with a fault is left out: what it gives is as
   * unknown as what an input without a shape gives.
   *
   * @param names of all layers, also of those that are left out
   * @param isComplete whether it has no fault
   */
  record ReadNetwork(NetworkSpec spec, LayerNames names, boolean isComplete) {}

  /**
   * Reads the network.
   *
   * @param inputNames the names of the model's inputs; null when the network takes raw tensors
   * @param stored whether it was valid once
   */
  static ReadNetwork read(JsonObject network, @Nullable Set<String> inputNames, boolean stored) {
    long before = network.violations().count();
    NetworkReader reader = new NetworkReader(network, stored);
    NetworkSpec spec = reader.read(inputNames);
    JsonNode recipe = network.peek(RecipeSpec.MEMBER);
    if (recipe != null && recipe.isNull()) {
      // None, as for any member; a nested model that names one is refused.
      Object _ = network.get(RecipeSpec.MEMBER);
    }
    network.finish();
    boolean isComplete = network.violations().count() == before && !spec.inputNames().isEmpty();
    return new ReadNetwork(spec, reader.names, isComplete);
  }

  private NetworkSpec read(@Nullable Set<String> inputNames) {
    long before = violations.count();
    Map<String, Shape> rawInputs = rawInputs(inputNames);
    List<String> inputs = List.copyOf(inputNames == null ? rawInputs.keySet() : inputNames);
    if (inputs.isEmpty()) {
      names.inputsAreUnknown();
    }
    List<String> outputs = network.texts("outputs");
    DataFormat format = network.choice("data_format", DataFormat.CHANNELS_LAST);
    boolean hasGroups = network.peek(NetworkMembers.NAME) instanceof ArrayNode;
    int members = hasGroups ? 1 : network.integer(NetworkMembers.NAME, 1, 2, MAX_MEMBERS);
    JsonNode list = network.get("layers");
    NetworkSpec unread = new NetworkSpec(rawInputs, inputs, List.of(), List.of());
    if (list == null || !list.isArray() || list.isEmpty() || list.size() > MAX_LAYERS) {
      String got =
          list != null && list.isArray() ? list.size() + " layers" : JsonObject.describe(list);
      String way = list == null ? "; or name a recipe: {\"recipe\": \"auto\"}" : "";
      network.violate(
          "layers", "A list of 1 to " + MAX_LAYERS + " layers was expected, got " + got + way);
      return unread;
    }
    if (hasLongExpressions(list)) {
      return unread;
    }
    List<Layer> layers = layers(list, inputs, format);
    if (layers.size() > MAX_LAYERS) {
      network.violate(
          "layers",
          "At most %d layers were expected, nested ones included, got %d"
              .formatted(MAX_LAYERS, layers.size()));
      return unread;
    }
    if (layers.stream().mapToLong(layer -> layer.inputs().size()).sum() > MAX_READS) {
      network.violate(
          "layers", "At most " + MAX_READS + " 'inputs' of all layers together were expected");
      return unread;
    }
    List<String> named = names.check(inputs, rawInputs.keySet(), layers, outputs);
    LayerOrder order = LayerOrder.of(layers);
    order.cycle().ifPresent(names::refuse);
    NetworkSpec one = new NetworkSpec(rawInputs, inputs, order.layers(), named);
    if (hasGroups) {
      List<CountedNetwork> groups = groups(one);
      return violations.count() > before || inputs.isEmpty() ? one : withMembers(one, groups);
    }
    return members == 1 || violations.count() > before || inputs.isEmpty()
        ? one
        : withMembers(one, CountedNetwork.copies(one, members, 1));
  }

  /** Members of a sweep's ensemble: copies of one network each, which count more or less. */
  private List<CountedNetwork> groups(NetworkSpec one) {
    List<CountedNetwork> members = new ArrayList<>();
    JsonNode listed = Objects.requireNonNull(network.get(NetworkMembers.NAME));
    for (int i = 0; i < listed.size() && members.size() <= MAX_MEMBERS; i++) {
      String pointer = Violation.pointer(network.pointer(NetworkMembers.NAME), i);
      JsonObject group = JsonObject.of(listed.get(i), pointer, violations);
      int count = group.integer("count", 1, 1, MAX_MEMBERS - 1);
      int weight = group.integer("weight", 1, 1, MAX_MEMBERS);
      NetworkSpec own = one;
      if (i == 0) {
        group.finish();
      } else if (group.has("layers")) {
        own = ofGroup(group, i, one);
      } else {
        group.violate("layers", "'layers' is required: the network of these members");
        group.finish();
      }
      members.addAll(CountedNetwork.copies(own, count, weight));
    }
    if (members.size() < 2 || members.size() > MAX_MEMBERS) {
      network.violate(
          NetworkMembers.NAME,
          "2 to %d members were expected, got %d".formatted(MAX_MEMBERS, members.size()));
    }
    return members;
  }

  private NetworkSpec ofGroup(JsonObject group, int number, NetworkSpec one) {
    NetworkReader reader = new NetworkReader(group, stored);
    NetworkSpec own = reader.ofGroup(one);
    group.finish();
    for (Layer layer : own.layers()) {
      boolean open = layer.spec() instanceof EmbeddingSpec embedding && embedding.isAuto();
      if (open || layer.spec() instanceof LayerSpec.Foreign) {
        group.violate(
            "layers",
            open
                ? "The embedding '%s' follows an encoding only in the first list of layers; write its vocabulary here"
                    .formatted(layer.name())
                : "The network of an ONNX file is no member of an ensemble");
      }
    }
    return new NetworkSpec(
        own.inputs(),
        own.inputNames(),
        own.layers().stream().map(layer -> layer.inGroup(number)).toList(),
        own.outputs());
  }

  /** Layers between the inputs and the outputs that another network has. */
  private NetworkSpec ofGroup(NetworkSpec one) {
    DataFormat format = network.choice("data_format", DataFormat.CHANNELS_LAST);
    JsonNode list = network.get("layers");
    if (list == null || !list.isArray() || list.isEmpty() || list.size() > MAX_LAYERS) {
      network.violate(
          "layers",
          "A list of 1 to %d layers was expected, got %s"
              .formatted(MAX_LAYERS, JsonObject.describe(list)));
      return one;
    }
    if (hasLongExpressions(list)) {
      return one;
    }
    List<Layer> layers = layers(list, one.inputNames(), format);
    if (layers.size() > MAX_LAYERS) {
      network.violate("layers", "At most %d layers were expected".formatted(MAX_LAYERS));
      return one;
    }
    List<String> named =
        names.check(one.inputNames(), one.inputs().keySet(), layers, one.outputs());
    LayerOrder order = LayerOrder.of(layers);
    order.cycle().ifPresent(names::refuse);
    return new NetworkSpec(one.inputs(), one.inputNames(), order.layers(), named);
  }

  private NetworkSpec withMembers(NetworkSpec one, List<CountedNetwork> members) {
    long all = NetworkMembers.layers(members);
    if (all > MAX_LAYERS) {
      network.violate(
          NetworkMembers.NAME,
          "At most %d layers of all members together were expected, got %d"
              .formatted(MAX_LAYERS, all));
      return one;
    }
    if (NetworkMembers.reads(members) > MAX_READS) {
      network.violate(
          NetworkMembers.NAME,
          "At most %d 'inputs' of all layers of all members together were expected"
              .formatted(MAX_READS));
      return one;
    }
    return NetworkMembers.of(members);
  }

  private Map<String, Shape> rawInputs(@Nullable Set<String> inputNames) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    JsonObject inputs = network.object("inputs");
    if (inputNames != null && network.has("inputs")) {
      network.violate(
          "inputs", "The model's 'inputs' give the columns, so the network takes no raw tensors");
      return shapes;
    }
    if (inputs == null) {
      if (inputNames == null && !network.has("inputs")) {
        network.violate(
            "inputs", "'inputs' is required: of the model for columns, or here for raw tensors");
      }
      return shapes;
    }
    if (inputs.names().isEmpty() || inputs.names().size() > MAX_INPUTS) {
      network.violate("inputs", "From 1 to " + MAX_INPUTS + " inputs were expected");
      return shapes;
    }
    for (String name : inputs.names()) {
      JsonNode json = inputs.get(name);
      if (Layer.checkName(name, "an input", inputs.pointerTo(name), violations)) {
        JsonObject input = JsonObject.of(json, inputs.pointer(name), violations);
        Shape shape = InputReader.shape(input);
        if (!input.has("shape")) {
          input.violate("shape", "'shape' is required");
        }
        input.finish();
        if (shape != null) {
          shapes.put(name, shape);
        }
      }
    }
    return shapes;
  }

  private boolean hasLongExpressions(JsonNode list) {
    long characters = 0;
    for (JsonNode layer : list) {
      JsonNode expression = layer.path("expression");
      characters += expression.isString() ? expression.stringValue().length() : 0;
    }
    if (characters <= MAX_EXPRESSIONS) {
      return false;
    }
    network.violate(
        "layers",
        "At most %d characters of all 'expression' together were expected, got %d"
            .formatted(MAX_EXPRESSIONS, characters));
    return true;
  }

  /** Every readable layer, in the caller's order. */
  private List<Layer> layers(JsonNode list, List<String> inputs, DataFormat format) {
    List<Layer> layers = new ArrayList<>();
    Map<String, Integer> perType = new HashMap<>();
    Set<String> taken = new HashSet<>(inputs);
    String before = null;
    for (int i = 0; i < list.size(); i++) {
      long faults = violations.count();
      String pointer = Violation.pointer(network.pointer("layers"), i);
      JsonObject layer = JsonObject.of(list.get(i), pointer, violations);
      if (!list.get(i).isObject()) {
        names.mayReadAny();
      }
      // The reader of the layer tells its faults.
      String type = layer.hasText("type") ? layer.text("type", "") : "";
      int number = perType.merge(type, 1, Integer::sum);
      String name = layer.text("name", type + "_" + number);
      boolean isNamed =
          layer.has("name")
              ? layer.hasText("name")
              : type.equals("model") || LayerTypes.isKnown(type);
      if (!isNamed) {
        names.mayBeAny();
      }
      if (layer.hasText("name")) {
        Layer.checkName(name, "a layer", layer.pointer("name"), violations);
      }
      if (!stored && name.equals(NetworkMembers.NAME)) {
        layer.violate(
            "name",
            "'members' is reserved for the layers of an ensemble's members and cannot name a"
                + " layer");
      }
      if (!taken.add(name)) {
        layer.violate(
            "name", "There is already a layer or input '" + JsonObject.shorten(name) + "'");
        // The next layer reads this one, not the one that had the name before.
        name = name + "#" + i;
      }
      List<String> reads = reads(layer, before, inputs);
      boolean trainable = layer.bool("trainable", true);
      if (type.equals("model")) {
        names.add(name, i, reads, null);
        Layer outer = new Layer(name, NESTED, reads, trainable, null, i);
        NestedReader.Nested nested = NestedReader.read(layer, outer);
        layer.finish();
        if (nested != null) {
          names.add(name, nested);
        }
        if (nested != null && violations.count() == faults) {
          layers.addAll(nested.layers());
        }
      } else {
        String share = layer.text("share");
        LayerSpec spec =
            type.equals(LayerSpec.Foreign.TYPE)
                ? LayerSpec.Foreign.read(layer)
                : LayerTypes.read(layer, format);
        names.add(name, i, reads, share);
        if (spec != null || LayerTypes.isKnown(type)) {
          layer.finish();
        } else if (!violations.isFull()) {
          Stream<Consumer<JsonObject>> nested = Stream.of(NestedReader::ask);
          layer.violateForAny(Stream.concat(nested, LayerTypes.readers(format)).toList());
        }
        // Without inputs that can be read, what the first layer gives is unknown.
        if (spec != null && violations.count() == faults && !reads.isEmpty()) {
          layers.add(new Layer(name, spec, reads, trainable, share, i));
        }
      }
      before = name;
    }
    return layers;
  }

  private List<String> reads(JsonObject layer, @Nullable String before, List<String> inputs) {
    long faults = violations.count();
    List<String> reads = layer.texts("inputs");
    if (violations.count() > faults) {
      names.mayReadAny();
      return reads == null ? List.of() : reads;
    }
    if (reads != null) {
      if (reads.isEmpty()) {
        layer.violate("inputs", "At least one layer or input was expected, got an empty list");
      }
      if (reads.size() > MAX_INPUTS) {
        layer.violate(
            "inputs", "At most %d were expected, got %d".formatted(MAX_INPUTS, reads.size()));
        return List.of();
      }
      return reads;
    }
    if (before != null) {
      return List.of(before);
    }
    if (inputs.size() > 1) {
      names.mayReadAny();
      layer.violate(
          "inputs",
          "'inputs' is required: no layer comes before, and the model's inputs are " + inputs);
    }
    return inputs.isEmpty() ? List.of() : List.of(inputs.getFirst());
  }
}
