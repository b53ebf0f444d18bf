package io.trainyard.spec.keras;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config} object of a Keras layer, with the conversions of its members.
 *
 * @param axes of the layer's input, the batch included; 0 when they are not known
 * @param shapes of what the layer reads, where its conversion asks for them
 */
record KerasConfig(
    JsonNode config, int axes, List<Shape> shapes, String pointer, Violations unsupported) {
  private static final Map<String, String> INITIALIZERS =
      Map.ofEntries(
          Map.entry("GlorotUniform", "glorot_uniform"),
          Map.entry("GlorotNormal", "glorot_normal"),
          Map.entry("HeUniform", "he_uniform"),
          Map.entry("HeNormal", "he_normal"),
          Map.entry("LecunUniform", "lecun_uniform"),
          Map.entry("LecunNormal", "lecun_normal"),
          Map.entry("Orthogonal", "orthogonal"),
          Map.entry("OrthogonalInitializer", "orthogonal"),
          Map.entry("RandomUniform", "uniform"),
          Map.entry("RandomNormal", "normal"),
          Map.entry("TruncatedNormal", "truncated_normal"),
          Map.entry("Zeros", "zeros"),
          Map.entry("Ones", "ones"));

  private static final Map<String, String> INITIALIZER_MEMBERS =
      Map.of("minval", "min", "maxval", "max", "mean", "mean", "stddev", "std", "gain", "gain");

  KerasConfig {
    shapes = List.copyOf(shapes);
  }

  KerasConfig(JsonNode config, int axes, String pointer, Violations unsupported) {
    this(config, axes, List.of(), pointer, unsupported);
  }

  /** The member; a missing node when there is none. */
  JsonNode get(String member) {
    return config.path(member);
  }

  void refuse(String member, String detail) {
    unsupported.add(Violation.pointer(pointer, member), detail);
  }

  /** Refuses a member whose value is present and another than the given one. */
  void require(String member, JsonNode only) {
    JsonNode given = get(member);
    boolean same =
        given.isMissingNode()
            || given.isNull()
            || given.equals(only)
            || (given.isNumber() && only.isNumber() && given.doubleValue() == only.doubleValue());
    if (!same) {
      refuse(member, "Only " + only + " has a counterpart, got " + JsonObject.describe(given));
    }
  }

  /** Refuses a policy under which the layer computes with other numbers than float32. */
  void requireFloat32() {
    JsonNode given = get("dtype");
    String policy =
        given.isObject()
            ? given.path("config").path("name").asString("")
            : given.asString("float32");
    if (!policy.equals("float32")) {
      refuse(
          "dtype",
          "Only float32 has a counterpart, got "
              + JsonObject.describe(given.isObject() ? given.path("config").path("name") : given)
              + ". How a network is trained belongs to a job: set the dtype policy to float32 and"
              + " export the network again");
    }
  }

  /** Refuses members that are there and have a value. */
  void requireNone(String... members) {
    for (String member : members) {
      require(member, JsonNodeFactory.instance.nullNode());
    }
  }

  /** Refuses an initializer of another class. */
  void requireInitializer(String member, String only) {
    JsonNode given = get(member);
    String name = className(given);
    if (!given.isMissingNode() && !given.isNull() && !name.equalsIgnoreCase(only)) {
      refuse(member, "Only " + only + " has a counterpart, got " + name);
    }
  }

  private static String className(JsonNode given) {
    return given.isString() ? given.stringValue() : given.path("class_name").asString("");
  }

  /** Refuses two members that differ, because there is only one here. */
  void requireEqual(String member, String other) {
    if (!given(member).equals(given(other))) {
      refuse(member, "Only the same as " + other + " has a counterpart");
    }
  }

  /** The member; null when it is missing. */
  private JsonNode given(String member) {
    JsonNode given = get(member);
    return given.isMissingNode() ? JsonNodeFactory.instance.nullNode() : given;
  }

  /** An axis of channels, which becomes a data format. */
  void channels(ObjectNode ours) {
    JsonNode given = get("axis");
    JsonNode axis = given.isArray() && given.size() == 1 ? given.get(0) : given;
    if (axis.isMissingNode() || axis.asInt(0) == -1 || (axes > 0 && axis.asInt(0) == axes - 1)) {
      return;
    }
    if (axis.asInt(0) == 1 && axes != 2) {
      ours.put("data_format", "channels_first");
    } else {
      refuse("axis", "Only the axis of the channels has a counterpart, got " + given);
    }
  }

  /** Refuses another axis than the last. */
  void lastAxis() {
    JsonNode given = get("axis");
    JsonNode axis = given.isArray() && given.size() == 1 ? given.get(0) : given;
    boolean last = axis.asInt(0) == -1 || (axes > 0 && axis.asInt(0) == axes - 1);
    if (!axis.isMissingNode() && !last) {
      refuse("axis", "Only the last axis has a counterpart, got " + given);
    }
  }

  /** A number, or the numbers of a list whose other axes have length 1; empty when missing. */
  double[] numbers(String member) {
    JsonNode given = get(member);
    while (given.isArray() && given.size() == 1 && given.get(0).isArray()) {
      given = given.get(0);
    }
    if (given.isNumber()) {
      return new double[] {given.doubleValue()};
    }
    double[] numbers = new double[given.isArray() ? given.size() : 0];
    for (int i = 0; i < numbers.length; i++) {
      if (!given.get(i).isNumber()) {
        refuse(member, "One number, or one per channel, has a counterpart");
        return new double[] {1};
      }
      numbers[i] = given.get(i).doubleValue();
    }
    return numbers;
  }

  void copy(String member, ObjectNode ours) {
    copy(member, member, ours);
  }

  void copy(String member, String name, ObjectNode ours) {
    JsonNode given = get(member);
    if (!given.isMissingNode() && !given.isNull()) {
      ours.set(name, given);
    }
  }

  /** An axis that Keras counts with the batch axis, here counted without it. */
  int axis(String member) {
    int axis = get(member).asInt(-1);
    if (axis == 0) {
      refuse(member, "The batch axis cannot be used");
    }
    return axis > 0 ? axis - 1 : axis;
  }

  void activation(String member, String name, ObjectNode ours) {
    JsonNode given = get(member);
    if (given.isString() && given.stringValue().equals("leaky_relu")) {
      // The name alone means another slope in Keras than here and in PyTorch.
      ours.putObject(name).put("function", "leaky_relu").put("alpha", 0.2);
    } else if (given.isString()) {
      ours.put(name, given.stringValue());
    } else if (!given.isMissingNode() && !given.isNull()) {
      refuse(member, "A named activation was expected, got " + JsonObject.describe(given));
    }
  }

  /** Activation, bias, initializers, regularizer and constraint of a layer with a kernel. */
  void weighted(ObjectNode ours) {
    weighted("kernel_", ours);
  }

  /**
   * As {@link #weighted(ObjectNode)}.
   *
   * @param prefix the prefix of the members of the kernel
   */
  void weighted(String prefix, ObjectNode ours) {
    activation("activation", "activation", ours);
    copy("use_bias", "bias", ours);
    initializer(prefix + "initializer", "initializer", ours);
    if (!get("use_bias").isBoolean() || get("use_bias").booleanValue()) {
      initializer("bias_initializer", "bias_initializer", ours);
    }
    regularizer(prefix + "regularizer", ours);
    constraint(prefix + "constraint", ours);
    requireNone("bias_regularizer", "bias_constraint", "activity_regularizer");
  }

  void initializer(String member, String name, ObjectNode ours) {
    JsonNode given = get(member);
    if (given.isMissingNode() || given.isNull()) {
      return;
    }
    String type = INITIALIZERS.get(className(given));
    type = className(given).equals("VarianceScaling") ? scaled(given.path("config")) : type;
    if (type == null) {
      refuse(member, "This initializer has no counterpart: " + JsonObject.describe(given));
      return;
    }
    ObjectNode initializer = ours.putObject(name).put("type", type);
    INITIALIZER_MEMBERS.forEach(
        (theirs, own) -> {
          JsonNode number = given.path("config").path(theirs);
          if (number.isNumber()) {
            initializer.set(own, number);
          }
        });
  }

  /** Glorot's, He's and LeCun's initializers by their formula, as Keras 2 wrote them; or null. */
  private static @Nullable String scaled(JsonNode config) {
    String mode = config.path("mode").asString("fan_in");
    double scale = config.path("scale").asDouble(1);
    String by =
        mode.equals("fan_avg") && scale == 1
            ? "glorot"
            : mode.equals("fan_in") && scale == 2
                ? "he"
                : mode.equals("fan_in") && scale == 1 ? "lecun" : null;
    String distribution = config.path("distribution").asString("truncated_normal");
    boolean normal = distribution.equals("truncated_normal") || distribution.equals("normal");
    return by == null || !(normal || distribution.equals("uniform"))
        ? null
        : by + (normal ? "_normal" : "_uniform");
  }

  /** An initializer whose usual class is the default here too, and is left out. */
  void initializer(String member, String usual, String name, ObjectNode ours) {
    if (!className(get(member)).equalsIgnoreCase(usual)) {
      initializer(member, name, ours);
    }
  }

  void regularizer(String member, ObjectNode ours) {
    JsonNode given = get(member);
    if (given.isMissingNode() || given.isNull()) {
      return;
    }
    String type = given.path("class_name").asString("");
    if (!type.equals("L1") && !type.equals("L2") && !type.equals("L1L2")) {
      refuse(member, "This regularizer has no counterpart: " + JsonObject.describe(given));
      return;
    }
    ObjectNode regularizer = ours.putObject("regularizer");
    for (String share : new String[] {"l1", "l2"}) {
      JsonNode number = given.path("config").path(share);
      if (number.isNumber()) {
        regularizer.set(share, number);
      }
    }
  }

  private void constraint(String member, ObjectNode ours) {
    JsonNode given = get(member);
    if (given.isMissingNode() || given.isNull()) {
      return;
    }
    if (!given.path("class_name").asString("").equals("MaxNorm")) {
      refuse(member, "This constraint has no counterpart: " + JsonObject.describe(given));
      return;
    }
    // Ours limits all weights of a unit: the axes before the last of a Keras kernel.
    JsonNode axis = given.path("config").path("axis");
    JsonNode size = ours.path("kernel_size");
    int before = size.isMissingNode() ? 1 : size.size() + 1;
    boolean all = axis.isArray() ? axis.size() == before : axis.asInt(-1) == 0 && before == 1;
    if (!member.equals("kernel_constraint") || !all) {
      refuse(member, "Only MaxNorm over all axes of a kernel but the last has a counterpart here");
      return;
    }
    ours.putObject("constraint").set("max_norm", given.path("config").path("max_value"));
  }
}
