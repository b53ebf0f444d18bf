package io.trainyard.spec.keras;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkReader;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts the output of {@code model.to_json()} of Keras 3 into a model object that takes raw
 * tensors. Sequential and Functional models are supported.
 */
public final class KerasImport {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Violations unsupported = new Violations();
  private final ObjectNode inputs = JSON.objectNode();
  private final ArrayNode layers = JSON.arrayNode();

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

  private Converted run(JsonNode keras, String pointer) {
    String kind = keras.path("class_name").asString("");
    JsonNode config = keras.path("config");
    JsonNode list = config.path("layers");
    boolean known = kind.equals("Sequential") || kind.equals("Functional");
    if (!known || !list.isArray()) {
      unsupported.add(
          pointer, "A Sequential or Functional model of Keras 3 was expected, got '" + kind + "'");
      return new Converted(null, unsupported.list());
    }
    if (list.size() > NetworkReader.MAX_LAYERS) {
      unsupported.add(
          pointer + "/config/layers",
          "At most " + NetworkReader.MAX_LAYERS + " layers are supported");
      return new Converted(null, unsupported.list());
    }
    for (int i = 0; i < list.size(); i++) {
      add(list.get(i), kind.equals("Functional"), pointer + "/config/layers/" + i);
    }
    ObjectNode model = JSON.objectNode();
    model.put("name", modelName(config.path("name").asString("model")));
    ObjectNode network = model.putObject("network");
    network.set("inputs", inputs);
    network.set("layers", layers);
    if (config.has("output_layers")) {
      List<String> outputs = new ArrayList<>();
      collectOutputs(config.get("output_layers"), outputs);
      ArrayNode names = network.putArray("outputs");
      outputs.forEach(names::add);
    }
    if (unsupported.isEmpty()) {
      check(model, pointer);
    }
    return new Converted(unsupported.isEmpty() ? model : null, unsupported.list());
  }

  private void add(JsonNode layer, boolean functional, String pointer) {
    JsonNode config = layer.path("config");
    String name = layerName(config.path("name").asString(layer.path("name").asString("")));
    if (layer.path("class_name").asString("").equals("InputLayer")) {
      addInput(name, config, pointer);
      return;
    }
    if (!functional && inputs.isEmpty()) {
      JsonNode shape = layer.path("build_config").path("input_shape");
      addInput("input", JSON.objectNode().set("batch_shape", shape), pointer);
    }
    ObjectNode converted = KerasLayers.convert(layer, pointer, unsupported);
    if (converted == null) {
      return;
    }
    converted.put("name", name);
    if (config.path("trainable").isBoolean() && !config.get("trainable").booleanValue()) {
      converted.put("trainable", false);
    }
    if (functional) {
      JsonNode nodes = layer.path("inbound_nodes");
      if (nodes.size() != 1) {
        unsupported.add(
            pointer + "/inbound_nodes",
            "A layer that is called once was expected, got %d calls: add a second layer with 'share'"
                .formatted(nodes.size()));
        return;
      }
      List<String> reads = new ArrayList<>();
      collectHistory(nodes.get(0), reads);
      ArrayNode names = converted.putArray("inputs");
      reads.forEach(names::add);
    }
    layers.add(converted);
  }

  private void addInput(String name, JsonNode config, String pointer) {
    JsonNode shape = config.path("batch_shape");
    ArrayNode dims = JSON.arrayNode();
    for (int axis = 1; axis < shape.size(); axis++) {
      if (!shape.get(axis).isInt()) {
        unsupported.add(
            pointer + "/config/batch_shape/" + axis, "An axis of variable length is not supported");
        return;
      }
      dims.add(shape.get(axis).intValue());
    }
    if (dims.isEmpty()) {
      unsupported.add(pointer, "The shape of the model's input is not in the document");
      return;
    }
    inputs.putObject(name).set("shape", dims);
  }

  /** The layers whose tensors are arguments of a call, in order. */
  private static void collectHistory(JsonNode node, List<String> names) {
    JsonNode history = node.path("config").path("keras_history");
    if (history.isArray() && !history.isEmpty()) {
      names.add(layerName(history.get(0).asString("")));
      return;
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size() && names.size() <= NetworkReader.MAX_LAYERS; i++) {
        collectHistory(node.get(i), names);
      }
    } else if (node.isObject()) {
      collectHistory(node.path("args"), names);
      collectHistory(node.path("kwargs"), names);
      if (!node.has("args")) {
        for (var member : node.properties()) {
          collectHistory(member.getValue(), names);
        }
      }
    }
  }

  /** Output layers are {@code ["name", 0, 0]}, or a list of those. */
  private static void collectOutputs(JsonNode outputs, List<String> names) {
    if (outputs.isArray() && !outputs.isEmpty() && outputs.get(0).isString()) {
      names.add(layerName(outputs.get(0).stringValue()));
    } else if (outputs.isArray() || outputs.isObject()) {
      for (JsonNode each : outputs) {
        if (names.size() <= NetworkReader.MAX_LAYERS) {
          collectOutputs(each, names);
        }
      }
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
          pointer, "In the converted model, at " + fault.pointer() + ": " + fault.detail());
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
