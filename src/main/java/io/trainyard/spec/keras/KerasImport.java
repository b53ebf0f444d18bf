package io.trainyard.spec.keras;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkReader;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts the output of {@code model.to_json()} of Keras 2 or 3 into a model object that takes raw
 * tensors. Sequential and Functional models are supported; those inside of others become layers of
 * the one network, under the name of the inner model, "_" and their own.
 */
public final class KerasImport {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** As Keras 2 and 3 name models of layers that the document lists. */
  private static final Set<String> MODELS = Set.of("Sequential", "Functional", "Model");

  /** Each inference of shapes visits all layers before. */
  private static final int MAX_INFERENCES = 100;

  /** A number that layers have in common when they are one object, with one set of weights. */
  private static final String OBJECT = "shared_object_id";

  private static final Set<String> LAYER =
      Set.of(
          "class_name",
          "config",
          "name",
          "inbound_nodes",
          "module",
          "registered_name",
          "build_config",
          OBJECT);

  private static final Set<String> DOCUMENT =
      Set.of(
          "class_name",
          "config",
          "name",
          "module",
          "registered_name",
          "build_config",
          "compile_config",
          OBJECT,
          "keras_version",
          "backend");

  private static final Set<String> MODEL =
      Set.of(
          "name",
          "trainable",
          "dtype",
          "layers",
          "input_layers",
          "output_layers",
          "batch_input_shape",
          "build_input_shape");

  private final Violations unsupported = new Violations();

  /** The place in the document of each of our layers, and of each input by its name. */
  private final List<String> places = new ArrayList<>();

  private final Map<String, String> inputPlaces = new HashMap<>();
  private final ObjectNode inputs = JSON.objectNode();
  private final ArrayNode layers = JSON.arrayNode();
  private final Set<String> taken = new HashSet<>();

  /** By the number of its object, the place of a layer. */
  private final Map<Integer, String> objects = new HashMap<>();

  private int listed;
  private int inferences;

  private KerasImport() {}

  /**
   * The result of a conversion.
   *
   * @param model null when something has no counterpart
   * @param unsupported what has no counterpart, by its place in the Keras document
   */
  public record Converted(@Nullable ObjectNode model, List<Violation> unsupported) {
    public Converted {
      unsupported = List.copyOf(unsupported);
    }
  }

  /**
   * Converts a document.
   *
   * @param keras the document as an object
   * @param pointer its place in the body
   */
  public static Converted convert(JsonNode keras, String pointer) {
    return new KerasImport().run(keras, pointer);
  }

  /** The names of all layers that have a counterpart, wrappers and models included. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>(KerasLayers.names());
    names.addAll(List.of("InputLayer", "Dot", "Sequential", "Functional"));
    return names;
  }

  private Converted run(JsonNode keras, String pointer) {
    String kind = keras.path("class_name").asString("");
    JsonNode config = keras.path("config");
    if (!isModel(keras)) {
      unsupported.add(
          pointer,
          "A Sequential or Functional model of Keras was expected, got '"
              + JsonObject.shorten(kind)
              + "'");
      return new Converted(null, unsupported.list());
    }
    KerasConfig.refuseOthers(keras, DOCUMENT, pointer, unsupported);
    List<String> ends = new Part(keras, pointer, "", null, true).add();
    ObjectNode model = JSON.objectNode();
    model.put("name", modelName(config.path("name").asString("model")));
    ObjectNode network = model.putObject("network");
    network.set("inputs", inputs);
    network.set("layers", layers);
    if (config.has("output_layers")) {
      ends.forEach(network.putArray("outputs")::add);
    }
    if (unsupported.isEmpty()) {
      check(model, pointer);
    }
    return new Converted(unsupported.isEmpty() ? model : null, unsupported.list());
  }

  private static boolean isModel(JsonNode document) {
    return MODELS.contains(document.path("class_name").asString(""))
        && list(document.path("config")).isArray();
  }

  /** The layers of a model; the first versions of Keras 2 wrote no object around them. */
  private static JsonNode list(JsonNode config) {
    return config.isArray() ? config : config.path("layers");
  }

  /** A model: the whole document, or one inside of another. */
  private final class Part {
    private final JsonNode config;
    private final boolean functional;
    private final String pointer;
    private final String prefix;
    private final @Nullable List<String> reads;
    private final boolean trainable;

    /** What each layer of this model gives, by its name in the document. */
    private final Map<String, List<String>> given = new HashMap<>();

    /** The names of all layers of this model in the document. */
    private final Set<String> names = new HashSet<>();

    /** What the next layer of a Sequential model reads. */
    private List<String> current;

    /**
     * A model.
     *
     * @param prefix of the names of its layers; "" for the whole document
     * @param reads what it is called on; null for the whole document
     */
    Part(
        JsonNode model,
        String pointer,
        String prefix,
        @Nullable List<String> reads,
        boolean trainable) {
      config = model.path("config");
      functional = !model.path("class_name").asString("").equals("Sequential");
      this.pointer = pointer + (config.isArray() ? "/config/" : "/config/layers/");
      this.prefix = prefix;
      this.reads = reads;
      this.trainable = trainable;
      current = reads == null ? List.of() : reads;
    }

    /** Adds all layers; returns the names of the outputs. */
    List<String> add() {
      JsonNode list = list(config);
      if (config.isObject()) {
        String place = pointer.substring(0, pointer.length() - "/layers/".length());
        KerasConfig.refuseOthers(config, MODEL, place, unsupported);
      }
      list.forEach(layer -> names.add(name(layer)));
      listed += list.size();
      if (listed > NetworkReader.MAX_LAYERS) {
        unsupported.add(
            pointer.substring(0, pointer.length() - 1),
            "At most " + NetworkReader.MAX_LAYERS + " layers are supported");
        return List.of();
      }
      if (functional && reads != null) {
        List<List<String>> inner = new ArrayList<>();
        collectTensors(config.path("input_layers"), each -> inner.add(List.of(each.name())));
        for (int i = 0; i < inner.size() && i < reads.size(); i++) {
          given.put(inner.get(i).getFirst(), List.of(reads.get(i)));
        }
      }
      for (int i = 0; i < list.size(); i++) {
        add(list.get(i), pointer + i);
      }
      if (!functional) {
        return current;
      }
      List<String> outputs = new ArrayList<>();
      String place = pointer.substring(0, pointer.length() - "layers/".length()) + "output_layers";
      collectTensors(config.path("output_layers"), tensor -> outputs.addAll(named(tensor, place)));
      return outputs;
    }

    private static String name(JsonNode layer) {
      return layer.path("config").path("name").asString(layer.path("name").asString(""));
    }

    private void add(JsonNode layer, String pointer) {
      JsonNode own = layer.path("config");
      String theirs = name(layer);
      KerasConfig.refuseOthers(layer, LAYER, pointer, unsupported);
      checkType(own, "name", JsonNode::isString, "A string", pointer);
      checkType(own, "trainable", JsonNode::isBoolean, "true or false", pointer);
      checkObject(layer, pointer);
      if (layer.path("class_name").asString("").equals("InputLayer")) {
        if (reads == null) {
          String name = unique(theirs);
          new KerasConfig(own, 0, pointer + "/config", unsupported).finish();
          String member = own.has("batch_input_shape") ? "batch_input_shape" : "batch_shape";
          addInput(name, own.path(member), pointer, pointer + "/config/" + member);
          given.put(theirs, List.of(name));
          current = List.of(name);
        }
        return;
      }
      if (!functional && reads == null && inputs.isEmpty()) {
        addFirstInput(layer, pointer);
      }
      List<String> from = functional ? calls(layer, pointer) : current;
      if (from == null) {
        given.put(theirs, List.of(layerName(prefix + theirs)));
        return;
      }
      boolean trained = trainable && own.path("trainable").asBoolean(true);
      if (isModel(layer)) {
        current = new Part(layer, pointer, prefix + theirs + "_", from, trained).add();
      } else {
        current = List.of(convert(layer, from, trained, theirs, pointer));
      }
      given.put(theirs, current);
    }

    /** Two places of one object would become two layers with weights of their own. */
    private void checkObject(JsonNode layer, String pointer) {
      JsonNode object = layer.path(OBJECT);
      String before =
          object.isIntegralNumber() ? objects.putIfAbsent(object.intValue(), pointer) : null;
      if (before != null) {
        unsupported.add(
            Violation.pointer(pointer, OBJECT),
            "This is the same layer as that at %s, so both have one set of weights: add the second one with 'share'"
                .formatted(before));
      } else if (!object.isMissingNode() && !object.isNull() && !object.isIntegralNumber()) {
        unsupported.add(Violation.pointer(pointer, OBJECT), "A whole number was expected");
      }
    }

    /** A Sequential model need not list its input. */
    private void addFirstInput(JsonNode layer, String pointer) {
      JsonNode first = layer;
      String at = pointer;
      while (isModel(first)) {
        at += first.path("config").isArray() ? "/config/0" : "/config/layers/0";
        first = list(first.path("config")).path(0);
      }
      JsonNode config = first.path("config");
      JsonNode shape = first.path("build_config").path("input_shape");
      String place = at + "/build_config/input_shape";
      for (String member : List.of("batch_shape", "batch_input_shape")) {
        place = config.path(member).isArray() ? at + "/config/" + member : place;
        shape = config.path(member).isArray() ? config.get(member) : shape;
      }
      taken.add("input");
      addInput("input", shape, at, place);
      current = List.of("input");
    }

    /**
     * What a layer of a Functional model is called on; null, with a fault, when that is unclear.
     */
    private @Nullable List<String> calls(JsonNode layer, String pointer) {
      JsonNode nodes = layer.path("inbound_nodes");
      if (nodes.size() != 1) {
        unsupported.add(
            pointer + "/inbound_nodes",
            "A layer that is called once was expected, got %d calls: add a second layer with 'share'"
                .formatted(nodes.size()));
        return null;
      }
      List<String> names = new ArrayList<>();
      String place = pointer + "/inbound_nodes";
      collectTensors(nodes.get(0), tensor -> names.addAll(named(tensor, place)));
      return names;
    }

    /** What a tensor of the document is here. */
    private List<String> named(KerasTensor tensor, String place) {
      List<String> outputs = given.get(tensor.name());
      if (outputs == null && !names.contains(tensor.name())) {
        unsupported.add(
            place,
            "There is no layer '%s' in this model".formatted(JsonObject.shorten(tensor.name())));
      }
      return outputs == null
          ? List.of(layerName(tensor.name()))
          : tensor.index() < outputs.size() ? List.of(outputs.get(tensor.index())) : outputs;
    }

    /** Adds a layer; returns its name. */
    private String convert(
        JsonNode layer, List<String> from, boolean trained, String theirs, String pointer) {
      String name = unique(prefix + theirs);
      ObjectNode converted =
          layer.path("class_name").asString("").equals("Dot")
              ? dot(layer, from, name, pointer)
              : KerasLayers.convert(layer, () -> shapes(from), pointer, unsupported);
      if (converted == null) {
        return name;
      }
      converted.put("name", name);
      if (!trained) {
        converted.put("trainable", false);
      }
      if (!converted.has("inputs") && (functional || !isBefore(from))) {
        from.forEach(converted.putArray("inputs")::add);
      }
      layers.add(converted);
      places.add(pointer);
      return name;
    }

    /** The layers of a Dot; null when it has no counterpart. */
    private @Nullable ObjectNode dot(
        JsonNode layer, List<String> from, String name, String pointer) {
      KerasDot dot = KerasDot.of(layer, shapes(from), pointer + "/config", unsupported);
      if (dot == null) {
        return null;
      }
      List<String> sides = new ArrayList<>(from);
      for (int side = 0; side < 2; side++) {
        for (ObjectNode before : dot.before(side)) {
          String own = unique(name + (side == 0 ? "_a" : "_b"));
          before.put("name", own).putArray("inputs").add(sides.get(side));
          layers.add(before);
          places.add(pointer);
          sides.set(side, own);
        }
      }
      ObjectNode product = dot.product(sides);
      sides.stream().distinct().forEach(product.putArray("inputs")::add);
      return product;
    }
  }

  /** Whether a layer reads these when it does not say what it reads. */
  private boolean isBefore(List<String> reads) {
    List<String> before =
        layers.isEmpty()
            ? List.copyOf(inputs.propertyNames())
            : List.of(layers.get(layers.size() - 1).path("name").asString(""));
    return before.equals(reads);
  }

  /** The shapes of what layers give; empty when one is not known. */
  private List<Shape> shapes(List<String> names) {
    if (++inferences > MAX_INFERENCES) {
      return List.of();
    }
    ObjectNode model = JSON.objectNode().put("name", "part");
    ObjectNode network = model.putObject("network");
    network.set("inputs", inputs);
    network.set("layers", layers);
    Violations faults = new Violations();
    ModelSpec spec = layers.isEmpty() ? null : SpecReader.model(model, "", faults);
    NetworkShapes found =
        spec == null
            ? null
            : ShapeInference.infer(spec.network(), spec.network().inputs(), "", faults);
    List<Shape> shapes = new ArrayList<>();
    for (String name : names) {
      if (inputs.has(name)) {
        List<Integer> dims = new ArrayList<>();
        inputs.get(name).path("shape").forEach(axis -> dims.add(axis.asInt()));
        shapes.add(new Shape(dims));
      } else if (found != null && found.layers().containsKey(name)) {
        shapes.add(found.of(name));
      } else {
        return List.of();
      }
    }
    return shapes;
  }

  /** A name of ours that no layer or input has yet. */
  private String unique(String theirs) {
    String name = layerName(theirs);
    for (int i = 2; !taken.add(name); i++) {
      String end = "_" + i;
      String start = layerName(theirs);
      name = start.substring(0, Math.min(start.length(), 64 - end.length())) + end;
    }
    return name;
  }

  /**
   * Adds an input.
   *
   * @param pointer the place of the layer that has its shape
   * @param place of the shape
   */
  private void addInput(String name, JsonNode shape, String pointer, String place) {
    ArrayNode dims = JSON.arrayNode();
    boolean readable = true;
    for (int axis = 1; axis < shape.size() && shape.isArray(); axis++) {
      JsonNode length = shape.get(axis);
      if (!length.isInt() || length.intValue() < 1) {
        readable = false;
        unsupported.add(
            place + "/" + axis,
            length.isNull()
                ? "An axis of variable length is not supported"
                : "A length of at least 1 was expected, got " + JsonObject.describe(length));
      } else {
        dims.add(length.intValue());
      }
    }
    if (readable && dims.isEmpty()) {
      unsupported.add(pointer, "The shape of the model's input is not in the document");
    }
    if (!readable || dims.isEmpty()) {
      return;
    }
    inputPlaces.put(name, place);
    inputs.putObject(name).set("shape", dims);
  }

  /** A tensor as documents name it: a layer, and which of its outputs. */
  private record KerasTensor(String name, int index) {}

  /**
   * The tensors in a part of a document, in order: Keras 3 writes {@code keras_history} with a
   * layer, a call and an output, Keras 2 and lists of inputs and outputs the bare triple.
   */
  private static void collectTensors(JsonNode node, Consumer<KerasTensor> found) {
    JsonNode history = node.path("config").path("keras_history");
    JsonNode triple = history.isArray() ? history : node;
    if (triple.isArray() && triple.size() >= 3 && triple.get(0).isString()) {
      found.accept(new KerasTensor(triple.get(0).stringValue(), triple.get(2).asInt(0)));
    } else if (node.isArray()) {
      node.forEach(each -> collectTensors(each, found));
    } else if (node.has("args")) {
      collectTensors(node.path("args"), found);
      collectTensors(node.path("kwargs"), found);
    } else if (node.isObject()) {
      node.forEach(each -> collectTensors(each, found));
    }
  }

  /** Reports the faults of the converted model. */
  private void check(ObjectNode model, String pointer) {
    Violations faults = new Violations();
    ModelSpec spec = SpecReader.model(model, "", faults);
    if (spec != null) {
      NetworkShapes shapes =
          ShapeInference.infer(spec.network(), spec.network().inputs(), "/network", faults);
      if (shapes.layers().isEmpty() && faults.isEmpty()) {
        faults.add("", "The model has no layers");
      }
    }
    for (Violation fault : faults.list()) {
      unsupported.add(
          place(fault.pointer(), pointer),
          "In the converted model, at " + fault.pointer() + ": " + fault.detail());
    }
  }

  /** The place in the document of a place in the converted model. */
  private String place(String ours, String document) {
    String[] parts = ours.split("/");
    if (parts.length > 3 && parts[2].equals("layers")) {
      return places.get(Integer.parseInt(parts[3]));
    }
    if (parts.length > 3 && parts[2].equals("inputs")) {
      return inputPlaces.getOrDefault(parts[3], document);
    }
    return document;
  }

  private void checkType(
      JsonNode config, String member, Predicate<JsonNode> is, String what, String pointer) {
    JsonNode given = config.path(member);
    if (!given.isMissingNode() && !given.isNull() && !is.test(given)) {
      unsupported.add(
          pointer + "/config/" + member, what + " was expected, got " + JsonObject.describe(given));
    }
  }

  private static String layerName(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9_]", "_");
    String started = clean.isEmpty() || Character.isDigit(clean.charAt(0)) ? "_" + clean : clean;
    return started.length() > 64 ? started.substring(0, 64) : started;
  }

  private static String modelName(String name) {
    String clean = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]", "-");
    String started =
        clean.isEmpty() || !clean.substring(0, 1).matches("[a-z0-9]") ? "m" + clean : clean;
    return started.length() > 63 ? started.substring(0, 63) : started;
  }
}
