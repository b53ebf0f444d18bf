package io.trainyard.api.docs;

import io.trainyard.spec.description.Description;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Bodies in which described things stand, so that the real readers read them. */
final class Places {
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * A thing in a body.
   *
   * @param schema of the body
   * @param pointer of the thing
   */
  record Place(String schema, ObjectNode body, String pointer) {
    JsonNode thing() {
      return body.at(pointer);
    }

    /** The same with another thing in its place. */
    Place with(JsonNode thing) {
      ObjectNode copy = body.deepCopy();
      JsonPointer whole = JsonPointer.compile(pointer);
      if (pointer.isEmpty()) {
        return new Place(schema, (ObjectNode) thing, pointer);
      }
      JsonNode owner = copy.at(whole.head());
      if (owner.isArray()) {
        ((ArrayNode) owner).set(whole.last().getMatchingIndex(), thing);
      } else {
        ((ObjectNode) owner).set(whole.last().getMatchingProperty(), thing);
      }
      return new Place(schema, copy, pointer);
    }

    /** The same with a member set, or taken away when the value is missing. */
    Place with(String member, JsonNode value) {
      ObjectNode thing = (ObjectNode) thing().deepCopy();
      if (value.isMissingNode()) {
        thing.remove(member);
      } else {
        thing.set(member, value);
      }
      return with(thing);
    }
  }

  private Places() {}

  private static Place place(String schema, String body, String pointer) {
    return new Place(schema, (ObjectNode) JSON.readTree(body.replace('\'', '"')), pointer);
  }

  /** Where the example of a type stands, as an object that names the type. */
  static Place of(Description type) {
    return switch (type.kind()) {
      case "layer" -> layer(type);
      case "activation" ->
          place("model", dense("dense", ", 'activation': 0"), "/network/layers/0/activation")
              .with(object(type, "function"));
      case "initializer" ->
          place("model", dense("dense", ", 'initializer': 0"), "/network/layers/0/initializer")
              .with(object(type, "type"));
      case "optimizer" ->
          place("training", "{'loss': 'mse', 'epochs': 3, 'optimizer': 0}", "/optimizer")
              .with(object(type, "type"));
      case "loss" ->
          place("training", "{'loss': 0, 'epochs': 3}", "/loss").with(object(type, "type"));
      case "metric" ->
          place("training", "{'loss': 'mse', 'epochs': 3, 'metrics': [0]}", "/metrics/0")
              .with(object(type, "type"));
      case "schedule" ->
          place(
                  "training",
                  "{'loss': 'mse', 'epochs': 3, 'learning_rate_schedule': 0}",
                  "/learning_rate_schedule")
              .with(object(type, "type"));
      default -> throw new IllegalArgumentException(type.kind());
    };
  }

  private static String dense(String type, String members) {
    return ("{'name': 'm', 'network': {'inputs': {'x': {'shape': [4]}}, 'layers': [{'type': '%s',"
            + " 'units': 2%s}]}}")
        .formatted(type, members);
  }

  /** The example as an object. */
  private static ObjectNode object(Description type, String by) {
    return type.example().isObject()
        ? ((ObjectNode) type.example()).deepCopy()
        : JSON.createObjectNode().put(by, type.name());
  }

  private static Place layer(Description type) {
    ObjectNode body = (ObjectNode) JSON.readTree("{\"name\": \"m\", \"network\": {}}");
    ObjectNode network = (ObjectNode) body.get("network");
    ObjectNode inputs = network.putObject("inputs");
    for (JsonNode shape : type.json().get("input")) {
      String name = type.json().get("input").size() == 1 ? "x" : inputs.isEmpty() ? "a" : "b";
      inputs.putObject(name).set("shape", shape);
    }
    ObjectNode layer = ((ObjectNode) type.example()).deepCopy();
    if (type.name().equals("model")) {
      layer.set(
          "network",
          JSON.readTree(
              "{\"inputs\": {\"x\": {\"shape\": [4]}}, \"layers\": [{\"type\": \"dense\","
                  + " \"units\": 2}]}"));
    }
    network.putArray("layers").add(layer);
    return new Place("model", body, "/network/layers/0");
  }

  private static final String RECURRENT =
      dense("lstm", ", 'regularizer': %s, 'constraint': {'max_norm': 1}").replace("[4]", "[5, 4]");

  private static final String TRAINING =
      "{'loss': 'nll', 'epochs': 3, 'early_stopping': {'patience': 2}, 'gradient_clipping':"
          + " {'norm': 1}, 'ema': {'decay': 0.5}, 'find_learning_rate': {'steps': 30},"
          + " 'intervals': {'coverage': 0.8}, 'ensemble': {'folds': 2}}";

  private static final String SCHEDULED =
      "{'loss': 'mse', 'epochs': 3, 'optimizer': {'type': 'adam', 'weight_decay': {'value': 0.1,"
          + " 'schedule': {'type': 'coslog'}}}}";

  private static final String PHASES =
      "{'loss': 'nll', 'phases': [{'train': ['a'], 'epochs': 3, 'target': {'input': 'x'}}]}";

  private static final String FRAMES =
      "{'loss': 'mse', 'epochs': 3, 'diagnostics': [{'frames': {'x': {'column': 'a', 'min': 0,"
          + " 'max': 1}, 'y': 'b'}}]}";

  private static final String JOB =
      "{'model': 'm', 'dataset': {'name': 'd', 'validation_dataset': {'name': 'e'}, 'split':"
          + " {'test': 0.1, 'fold': {'number': 1, 'of': 3}}}, 'training': {'loss': 'mse', 'epochs':"
          + " 1}, 'resources': {'threads': 1}, 'initial_weights': {'version': 1}, 'on_success':"
          + " {'alias': 'a', 'when': {'val_loss': {'max': 1}}}}";

  /** Where each object stands. */
  static Map<String, Place> ofObjects() {
    String split = JOB.replace("'validation_dataset': {'name': 'e'}, ", "");
    String reference = JOB.replace(", 'fold': {'number': 1, 'of': 3}", "");
    return Map.ofEntries(
        Map.entry(
            "Regularizer",
            place("model", recurrent("{'l2': 0.1}"), "/network/layers/0/regularizer")),
        Map.entry(
            "Sparsity",
            place(
                "model",
                dense(
                    "dense",
                    ", 'activation': 'sigmoid', 'regularizer': {'sparsity': {'weight': 1,"
                        + " 'proportion': 0.1}}"),
                "/network/layers/0/regularizer/sparsity")),
        Map.entry("Constraint", place("model", recurrent("{}"), "/network/layers/0/constraint")),
        Map.entry("Model", place("model", columns("{'columns': ['a']}"), "")),
        Map.entry("Network", place("model", columns("{'columns': ['a']}"), "/network")),
        Map.entry(
            "MemberGroup",
            place(
                "model",
                columns("{'columns': ['a']}")
                    .replace(
                        "'network': {",
                        "'network': {'members': [{}, {'layers': [{'type': 'dense', 'units':"
                            + " 1}]}], "),
                "/network/members/1")),
        Map.entry("RawInput", place("model", dense("dense", ""), "/network/inputs/x")),
        Map.entry(
            "Input",
            place("model", columns("{'columns': ['a'], 'unknown': 'zeros'}"), "/inputs/x")),
        Map.entry(
            "Target", place("model", columns("{'columns': ['a'], 'window': 3}"), "/targets/y")),
        Map.entry(
            "BestThreshold",
            place(
                "model",
                columns("{'columns': ['a']}")
                    .replace("'scale': {'divide': 2}", "'threshold': {'best': 'f1'}"),
                "/targets/y/threshold")),
        Map.entry(
            "Time",
            place(
                "model",
                columns("{'columns': [{'column': 'a', 'features': ['hour']}]}"),
                "/inputs/x/columns/0")),
        // By column: alone, an object with another member is one by column.
        Map.entry(
            "Divide",
            place(
                "model",
                columns("{'columns': ['a'], 'scale': {'a': {'divide': 2}}}"),
                "/inputs/x/scale/a")),
        Map.entry(
            "Constant",
            place(
                "model",
                columns("{'columns': ['a'], 'impute': {'a': {'constant': 1}}}"),
                "/inputs/x/impute/a")),
        Map.entry(
            "Window",
            place(
                "model",
                columns("{'columns': ['a'], 'window': {'length': 3}}"),
                "/inputs/x/window")),
        Map.entry("ScheduledDecay", place("training", SCHEDULED, "/optimizer/weight_decay")),
        Map.entry(
            "NumberSchedule", place("training", SCHEDULED, "/optimizer/weight_decay/schedule")),
        Map.entry(
            "ScheduledRate",
            place(
                "model",
                columns("{'columns': ['a']}")
                    .replace(
                        "{'type': 'dense', 'units': 1}",
                        "{'type': 'dropout', 'rate': {'value': 0.1, 'schedule': 'coslog'}}"),
                "/network/layers/0/rate")),
        Map.entry("Training", place("training", TRAINING, "")),
        Map.entry("EarlyStopping", place("training", TRAINING, "/early_stopping")),
        Map.entry("Ensemble", place("training", TRAINING, "/ensemble")),
        Map.entry("Intervals", place("training", TRAINING, "/intervals")),
        Map.entry("GradientClipping", place("training", TRAINING, "/gradient_clipping")),
        Map.entry("Ema", place("training", TRAINING, "/ema")),
        Map.entry("LearningRateRange", place("training", TRAINING, "/find_learning_rate")),
        Map.entry("FramesDiagnostic", place("training", FRAMES, "/diagnostics/0")),
        Map.entry("Frames", place("training", FRAMES, "/diagnostics/0/frames")),
        Map.entry("AxisRange", place("training", FRAMES, "/diagnostics/0/frames/x")),
        Map.entry("Phase", place("training", PHASES, "/phases/0")),
        Map.entry("PhaseTarget", place("training", PHASES, "/phases/0/target")),
        Map.entry("DatasetSelection", place("job", reference, "/dataset")),
        Map.entry("DatasetReference", place("job", reference, "/dataset/validation_dataset")),
        Map.entry("Split", place("job", reference, "/dataset/split")),
        Map.entry("Fold", place("job", split, "/dataset/split/fold")),
        Map.entry("Job", place("job", reference, "")),
        Map.entry("Resources", place("job", reference, "/resources")),
        Map.entry("InitialWeights", place("job", reference, "/initial_weights")),
        Map.entry("OnSuccess", place("job", reference, "/on_success")),
        Map.entry("Bound", place("job", reference, "/on_success/when/val_loss")),
        Map.entry("DatasetOptions", place("dataset-options", "{'on_error': 'skip'}", "")),
        Map.entry(
            "Predict",
            place("predict", "{'instances': [1], 'samples': 2, 'explain': {'steps': 5}}", "")),
        Map.entry(
            "Explain",
            place("predict", "{'instances': [1], 'explain': {'steps': 5}}", "/explain")));
  }

  private static String recurrent(String regularizer) {
    return RECURRENT.formatted(regularizer);
  }

  private static String columns(String input) {
    return ("{'name': 'm', 'inputs': {'x': %s}, 'targets': {'y': {'column': 'y', 'scale':"
            + " {'divide': 2}}}, 'network': {'layers': [{'type': 'dense', 'units': 1}]}}")
        .formatted(input);
  }

  /** Where the whole examples of objects stand. */
  static List<Place> examples() {
    return Reference.SCHEMAS.entrySet().stream()
        .map(
            schema ->
                new Place(
                    schema.getKey(),
                    (ObjectNode)
                        Objects.requireNonNull(
                                Reference.descriptions().objects().get(schema.getValue()))
                            .get("example"),
                    ""))
        .toList();
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
