package io.trainyard.judge;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A target with the layers that predict it and all that is measured of it.
 *
 * @param spec of the target
 * @param layers the last of which is the output, which has the target's name after {@code o_}
 * @param activation that the output ends in
 * @param metrics by the names that they are reported under, without part and target
 * @param scale of the target, for the statistics
 */
record Head(
    String target,
    Kind kind,
    ObjectNode spec,
    List<ObjectNode> layers,
    String activation,
    JsonNode loss,
    Map<String, JsonNode> metrics,
    String scale) {
  /** The columns of an input that is a target too. */
  static final List<String> INPUT = List.of("a", "b");

  enum Kind {
    /** One class of several. */
    CLASSES,
    /** A column of 0 and 1 that a probability predicts. */
    BIT,
    /** Several such columns. */
    LABELS,
    NUMBERS,
    /** The network's input. */
    INPUT,
    SURVIVAL
  }

  String output() {
    return "o_" + target;
  }

  /** The columns of the target. */
  List<String> columns() {
    return kind == Kind.INPUT
        ? INPUT
        : spec.has("column")
            ? List.of(spec.get("column").stringValue())
            : spec.path("columns").valueStream().map(JsonNode::stringValue).toList();
  }

  boolean hasLabelsToSmooth() {
    String type = Judge.type(loss);
    return type.endsWith("crossentropy") || List.of("focal", "kl_divergence", "nll").contains(type);
  }

  /** What distinguishes it, for the statistics. */
  String text() {
    return "%s %s %s %s".formatted(Judge.type(loss), activation, kind, scale);
  }
}
