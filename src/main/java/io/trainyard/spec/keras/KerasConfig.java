package io.trainyard.spec.keras;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config} object of a Keras layer, with the conversions of its members. After them,
 * {@link #finish} reports the members that no conversion asked for.
 */
final class KerasConfig {
  /** What Keras writes that changes no number here: names, seeds and ways to compute the same. */
  private static final Set<String> WITHOUT_MEANING =
      Set.of(
          "name",
          "trainable",
          "dtype",
          "autocast",
          "batch_shape",
          "batch_input_shape",
          "input_shape",
          "input_length",
          "seed",
          "rank",
          "implementation",
          "unroll",
          "use_cudnn",
          "zero_output_for_mask",
          "synchronized",
          "fused",
          "renorm_momentum",
          "force_generator",
          "flash_attention",
          "query_shape",
          "key_shape",
          "value_shape");

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

  /** Short names of Keras that are no class written in lower case. */
  private static final Map<String, String> SHORT =
      Map.of("normal", "RandomNormal", "uniform", "RandomUniform", "zero", "Zeros", "one", "Ones");

  /** The members of VarianceScaling. */
  private static final Set<String> SCALES = Set.of("scale", "mode", "distribution");

  private static final Map<String, String> INITIALIZER_MEMBERS =
      Map.of("minval", "min", "maxval", "max", "mean", "mean", "stddev", "std", "gain", "gain");

  private final JsonNode config;
  private final int axes;
  private final List<Shape> shapes;
  private final String pointer;
  private final Violations unsupported;
  private final Set<String> asked = new HashSet<>();

  /** By place in our layer, the place in this object that it comes from. */
  private final Map<String, String> origins = new HashMap<>();

  /**
   * The members of a layer.
   *
   * @param axes of the layer's input, the batch included; 0 when they are not known
   * @param shapes of what the layer reads, where its conversion asks for them
   */
  KerasConfig(
      JsonNode config, int axes, List<Shape> shapes, String pointer, Violations unsupported) {
    this.config = config;
    this.axes = axes;
    this.shapes = List.copyOf(shapes);
    this.pointer = pointer;
    this.unsupported = unsupported;
    if (!config.isObject()) {
      unsupported.add(pointer, "An object was expected, got " + JsonObject.describe(config));
    }
  }

  KerasConfig(JsonNode config, int axes, String pointer, Violations unsupported) {
    this(config, axes, List.of(), pointer, unsupported);
  }

  List<Shape> shapes() {
    return shapes;
  }

  /** The member; a missing node when there is none. */
  JsonNode get(String member) {
    asked.add(member);
    return config.path(member);
  }

  /** The member; null when it is missing or null. */
  private @Nullable JsonNode present(String member) {
    JsonNode given = get(member);
    return given.isMissingNode() || given.isNull() ? null : given;
  }

  /** Members that mean nothing beside the others. */
  void ignore(String... members) {
    asked.addAll(List.of(members));
  }

  boolean has(String member) {
    return present(member) != null;
  }

  /** A number; the fallback when it is missing or refused. */
  double number(String member, double fallback) {
    JsonNode given = present(member);
    if (given == null || given.isNumber()) {
      return given == null ? fallback : given.doubleValue();
    }
    refuse(member, "A number was expected, got " + JsonObject.describe(given));
    return fallback;
  }

  /** A switch; the fallback when it is missing or refused. */
  boolean bool(String member, boolean fallback) {
    JsonNode given = present(member);
    if (given == null || given.isBoolean()) {
      return given == null ? fallback : given.booleanValue();
    }
    refuse(member, "true or false was expected, got " + JsonObject.describe(given));
    return fallback;
  }

  /** The whole numbers of a list; empty when it is missing or refused. */
  List<Integer> integers(String member) {
    List<Integer> integers = new ArrayList<>();
    JsonNode given = present(member);
    if (given == null) {
      return integers;
    }
    if (!given.isArray()) {
      refuse(member, "A list of whole numbers was expected, got " + JsonObject.describe(given));
    }
    for (int i = 0; i < given.size() && given.isArray(); i++) {
      if (given.get(i).isInt()) {
        integers.add(given.get(i).intValue());
      } else {
        refuse(
            member + "/" + i,
            "A whole number was expected, got " + JsonObject.describe(given.get(i)));
      }
    }
    return integers;
  }

  /** Refuses each member that no conversion asked for and that may mean something. */
  void finish() {
    Set<String> known = new HashSet<>(asked);
    known.addAll(WITHOUT_MEANING);
    refuseOthers(config, known, pointer, unsupported);
  }

  /**
   * Refuses the members of an object that are not known here. Those without a value, and switches
   * that are off, say nothing.
   */
  static void refuseOthers(
      JsonNode object, Set<String> known, String pointer, Violations unsupported) {
    for (String name : object.propertyNames()) {
      JsonNode given = object.path(name);
      boolean saysNothing = given.isNull() || (given.isBoolean() && !given.booleanValue());
      if (!known.contains(name) && !saysNothing) {
        unsupported.add(
            Violation.pointer(pointer, name.length() > 200 ? "" : name),
            "'%s' is not known here, and what it changes would be lost: leave it out%s"
                .formatted(JsonObject.shorten(name), NameAdvice.of(name, known)));
      }
    }
  }

  /**
   * Reports the faults of the layer that was made of these members, each at the member that it
   * comes from.
   *
   * @param refused whether a conversion has refused a member, so that the layer may lack some
   */
  void check(ObjectNode ours, boolean refused) {
    Violations faults = new Violations();
    JsonObject layer = JsonObject.of(ours, "", faults);
    LayerSpec _ = LayerTypes.read(layer, DataFormat.CHANNELS_LAST);
    layer.finish();
    for (Violation fault : faults.list()) {
      String from = origin(fault.pointer().replaceFirst("^/", ""));
      boolean known =
          from != null
              && unsupported.list().stream().anyMatch(each -> each.pointer().equals(place(from)));
      if (from == null ? !refused : !known) {
        unsupported.add(
            from == null ? pointer : place(from),
            from == null ? fault.detail() : renamed(fault, from));
      }
    }
  }

  private @Nullable String origin(String place) {
    for (String owner = place; !owner.isEmpty(); ) {
      String from = origins.get(owner);
      if (from != null) {
        return from + place.substring(owner.length());
      }
      owner = owner.contains("/") ? owner.substring(0, owner.lastIndexOf('/')) : "";
    }
    String first = place.replaceFirst("/.*", "");
    return config.has(first) ? place : null;
  }

  /** The pointer of a place in this object, or of what it would be in. */
  private String place(String from) {
    String existing = from;
    while (existing.contains("/") && config.at("/" + existing).isMissingNode()) {
      existing = existing.substring(0, existing.lastIndexOf('/'));
    }
    return pointer + "/" + existing;
  }

  /** The detail with Keras's name of the member that it begins with. */
  private static String renamed(Violation fault, String from) {
    String ours = fault.pointer().substring(fault.pointer().lastIndexOf('/') + 1);
    String theirs = from.substring(from.lastIndexOf('/') + 1);
    return fault.detail().replaceFirst("^('?)" + Pattern.quote(ours) + "\\b", "$1" + theirs);
  }

  void refuse(String member, String detail) {
    unsupported.add(pointer + "/" + member, detail);
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
            : given.isMissingNode() || given.isNull() ? "float32" : given.asString("");
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
    origins.put(name, member);
    JsonNode given = get(member);
    if (!given.isMissingNode() && !given.isNull()) {
      ours.set(name, given);
    }
  }

  /** An axis that Keras counts with the batch axis, here counted without it. */
  int axis(String member) {
    JsonNode given = present(member);
    if (given != null && !given.isInt()) {
      refuse(member, "A whole number was expected, got " + JsonObject.describe(given));
    }
    int axis = given == null ? -1 : given.asInt(-1);
    if (axis == 0) {
      refuse(member, "The batch axis cannot be used");
    }
    return axis > 0 ? axis - 1 : axis;
  }

  void activation(String member, String name, ObjectNode ours) {
    origins.put(name, member);
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
    if (bool("use_bias", true)) {
      initializer("bias_initializer", "bias_initializer", ours);
    } else {
      ignore("bias_initializer");
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
    origins.put(name, member);
    JsonNode own = given.path("config");
    String theirClass = initializerClass(className(given));
    boolean isScaled = theirClass.equals("VarianceScaling");
    Set<String> known = new HashSet<>(isScaled ? SCALES : INITIALIZER_MEMBERS.keySet());
    known.add("seed");
    refuseOthers(own, known, pointer + "/" + member + "/config", unsupported);
    String type = isScaled ? scaled(own) : INITIALIZERS.get(theirClass);
    if (type == null) {
      refuse(member, "This initializer has no counterpart: " + JsonObject.describe(given));
      return;
    }
    ObjectNode initializer = ours.putObject(name).put("type", type);
    INITIALIZER_MEMBERS.forEach(
        (theirs, parameter) -> {
          origins.put(name + "/" + parameter, member + "/config/" + theirs);
          JsonNode number = own.path(theirs);
          if (!number.isMissingNode() && !number.isNull()) {
            initializer.set(parameter, number);
          }
        });
  }

  /** A class by its name, or by a text as "glorot_uniform" or "zeros", as Keras takes both. */
  private static String initializerClass(String name) {
    if (name.isEmpty() || Character.isUpperCase(name.charAt(0))) {
      return name;
    }
    StringBuilder words = new StringBuilder();
    for (String word : name.split("_", -1)) {
      words.append(word.substring(0, Math.min(1, word.length())).toUpperCase(Locale.ROOT));
      words.append(word.substring(Math.min(1, word.length())));
    }
    return SHORT.getOrDefault(name, words.toString());
  }

  /** Glorot's, He's and LeCun's initializers by their formula, as Keras 2 wrote them; or null. */
  private static @Nullable String scaled(JsonNode config) {
    String mode = config.path("mode").asString("fan_in");
    double scale = config.path("scale").asDouble(config.has("scale") ? 0 : 1);
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
    if (!initializerClass(className(get(member))).equalsIgnoreCase(usual)) {
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
    JsonNode own = given.path("config");
    refuseOthers(own, Set.of("l1", "l2"), pointer + "/" + member + "/config", unsupported);
    ObjectNode regularizer = ours.putObject("regularizer");
    origins.put("regularizer", member);
    for (String share : new String[] {"l1", "l2"}) {
      origins.put("regularizer/" + share, member + "/config/" + share);
      JsonNode number = own.path(share);
      if (!number.isMissingNode() && !number.isNull()) {
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
    JsonNode own = given.path("config");
    refuseOthers(own, Set.of("max_value", "axis"), pointer + "/" + member + "/config", unsupported);
    origins.put("constraint", member);
    origins.put("constraint/max_norm", member + "/config/max_value");
    JsonNode most = own.path("max_value");
    ObjectNode limit = ours.putObject("constraint");
    limit.set(
        "max_norm",
        most.isMissingNode() || most.isNull() ? JsonNodeFactory.instance.numberNode(2) : most);
  }
}
