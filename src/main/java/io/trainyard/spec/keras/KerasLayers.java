package io.trainyard.spec.keras;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.tensor.Shape;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The counterpart of each Keras layer. */
final class KerasLayers {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @FunctionalInterface
  private interface Mapping {
    void write(KerasConfig keras, ObjectNode ours);
  }

  private record Counterpart(String type, Mapping mapping) {}

  private static final Map<String, Counterpart> LAYERS = new HashMap<>();

  /** Layers with an axis whose meaning depends on the number of axes. */
  private static final Set<String> READ_AXES =
      Set.of("Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization");

  /** Layers that act along the last axis, or on each element alone. */
  private static final Set<String> PER_STEP =
      new TreeSet<>(
          List.of(
              "Activation",
              "Dense",
              "Dropout",
              "ELU",
              "GaussianNoise",
              "Identity",
              "LayerNormalization",
              "LeakyReLU",
              "ReLU",
              "Rescaling",
              "Softmax"));

  private static void layer(String keras, String type, Mapping mapping) {
    LAYERS.put(keras, new Counterpart(type, mapping));
  }

  static {
    layer(
        "Dense",
        "dense",
        (k, o) -> {
          k.copy("units", o);
          k.weighted(o);
        });
    layer("Activation", "activation", (k, o) -> k.activation("activation", "function", o));
    layer("Identity", "activation", (_, o) -> o.put("function", "linear"));
    layer("ReLU", "activation", KerasLayers::relu);
    layer(
        "LeakyReLU",
        "activation",
        (k, o) -> {
          // Keras 2 names it alpha.
          double slope = k.number("alpha", k.number("negative_slope", 0.3));
          o.put("function", "leaky_relu").put("alpha", slope);
        });
    layer("PReLU", "prelu", KerasLayers::prelu);
    layer(
        "ELU",
        "activation",
        (k, o) -> {
          o.put("function", "elu");
          k.copy("alpha", o);
        });
    layer(
        "Softmax",
        "activation",
        (k, o) -> {
          o.put("function", "softmax");
          k.require("axis", JSON.numberNode(-1));
        });
    layer(
        "Dropout",
        "dropout",
        (k, o) -> {
          k.copy("rate", o);
          k.requireNone("noise_shape");
        });
    layer("GaussianNoise", "gaussian_noise", (k, o) -> k.copy("stddev", "std", o));
    for (String random : new String[] {"Flip", "Rotation", "Translation", "Zoom", "Crop"}) {
      layer("Random" + random, "random_" + random.toLowerCase(Locale.ROOT), KerasLayers::random);
    }
    layer("RandomContrast", "random_contrast", KerasLayers::random);
    layer(
        "Flatten", "flatten", (k, o) -> k.require("data_format", JSON.stringNode("channels_last")));
    layer("Reshape", "reshape", (k, o) -> k.copy("target_shape", "shape", o));
    layer("Permute", "permute", KerasLayers::permute);
    layer("RepeatVector", "repeat", (k, o) -> k.copy("n", o));
    layer("Rescaling", "normalize", KerasLayers::rescaling);
    layer("Normalization", "normalize", KerasLayers::normalization);
    layer("BatchNormalization", "batch_norm", KerasLayers::batchNorm);
    layer(
        "LayerNormalization",
        "layer_norm",
        (k, o) -> {
          scaleAndShift(k, o);
          k.lastAxis();
          k.require("rms_scaling", JSON.booleanNode(false));
        });
    layer(
        "GroupNormalization",
        "group_norm",
        (k, o) -> {
          k.copy("groups", o);
          scaleAndShift(k, o);
          k.channels(o);
        });
    layer(
        "Embedding",
        "embedding",
        (k, o) -> {
          k.copy("input_dim", "vocabulary", o);
          k.copy("output_dim", "dim", o);
          k.initializer("embeddings_initializer", "initializer", o);
          k.regularizer("embeddings_regularizer", o);
          k.require("mask_zero", JSON.booleanNode(false));
          k.requireNone("embeddings_constraint", "activity_regularizer");
        });
    layer("SimpleRNN", "simple_rnn", KerasLayers::recurrent);
    layer("LSTM", "lstm", KerasLayers::recurrent);
    layer(
        "GRU",
        "gru",
        (k, o) -> {
          k.require("reset_after", JSON.booleanNode(true));
          recurrent(k, o);
        });
    layer(
        "MultiHeadAttention",
        "multi_head_attention",
        (k, o) -> {
          k.copy("num_heads", "heads", o);
          k.copy("key_dim", o);
          k.require("dropout", JSON.numberNode(0));
          k.require("use_bias", JSON.booleanNode(true));
          if (k.has("value_dim")) {
            k.requireEqual("value_dim", "key_dim");
          }
          k.initializer("kernel_initializer", "initializer", o);
          k.requireInitializer("bias_initializer", "Zeros");
          k.requireNone("output_shape", "kernel_regularizer");
          if (!k.get("attention_axes").toString().matches("|null|1|\\[1]")) {
            k.refuse("attention_axes", "Only attention over the steps has a counterpart, axis 1");
          }
          k.requireNone("bias_regularizer", "activity_regularizer");
          k.requireNone("kernel_constraint", "bias_constraint");
        });
    for (String merge : new String[] {"Add", "Subtract", "Multiply", "Average", "Maximum"}) {
      layer(merge, merge.toLowerCase(Locale.ROOT), (k, o) -> {});
    }
    layer("Concatenate", "concat", (k, o) -> o.put("axis", k.axis("axis")));
    layer("Conv2DTranspose", "conv2d_transpose", KerasLayers::transposed);
    layer(
        "DepthwiseConv2D",
        "depthwise_conv2d",
        (k, o) -> {
          k.copy("depth_multiplier", o);
          window(k, o);
          k.require("groups", JSON.numberNode(1));
          k.weighted("depthwise_", o);
        });
    layer(
        "SeparableConv2D",
        "separable_conv2d",
        (k, o) -> {
          k.copy("filters", o);
          k.copy("depth_multiplier", o);
          window(k, o);
          k.require("groups", JSON.numberNode(1));
          k.weighted("depthwise_", o);
          // Keras 2 writes what it has from other convolutions.
          k.ignore("kernel_initializer", "kernel_regularizer", "kernel_constraint");
          for (String part : new String[] {"initializer", "regularizer", "constraint"}) {
            k.requireEqual("pointwise_" + part, "depthwise_" + part);
          }
        });
    for (int n = 1; n <= 3; n++) {
      String axes = n + "D";
      layer("Conv" + axes, "conv" + n + "d", (k, o) -> convolution(k, o));
      layer("MaxPooling" + axes, "max_pool" + n + "d", KerasLayers::pool);
      layer("AveragePooling" + axes, "avg_pool" + n + "d", KerasLayers::pool);
      layer("GlobalMaxPooling" + axes, "global_max_pool", KerasLayers::global);
      layer("GlobalAveragePooling" + axes, "global_avg_pool", KerasLayers::global);
      layer(
          "SpatialDropout" + axes,
          "spatial_dropout",
          (k, o) -> {
            k.copy("rate", o);
            k.copy("data_format", o);
          });
      layer("Cropping" + axes, "crop", (k, o) -> spatial(k, "cropping", "cropping", o));
      layer("ZeroPadding" + axes, "zero_pad", (k, o) -> spatial(k, "padding", "padding", o));
      layer(
          "UpSampling" + axes,
          "upsample",
          (k, o) -> {
            spatial(k, "size", "size", o);
            k.require("interpolation", JSON.stringNode("nearest"));
          });
    }
  }

  private KerasLayers() {}

  /** The names of all layers that have a counterpart, wrappers included. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>(LAYERS.keySet());
    names.addAll(List.of("Bidirectional", "TimeDistributed"));
    return names;
  }

  /**
   * The layer without name and inputs; null when a part of it has no counterpart.
   *
   * @param shapes of what it reads; empty when they are not known
   */
  static @Nullable ObjectNode convert(
      JsonNode layer, Supplier<List<Shape>> shapes, String pointer, Violations unsupported) {
    String kind = layer.path("class_name").asString("");
    if (kind.equals("Bidirectional")) {
      return bidirectional(layer, shapes, pointer, unsupported);
    }
    if (kind.equals("TimeDistributed")) {
      return timeDistributed(layer, shapes, pointer, unsupported);
    }
    Counterpart counterpart = LAYERS.get(kind);
    if (counterpart == null) {
      unsupported.add(
          pointer + "/class_name",
          "The layer '" + JsonObject.shorten(kind) + "' has no counterpart here" + advice(kind));
      return null;
    }
    long before = unsupported.count();
    ObjectNode ours = JSON.objectNode().put("type", counterpart.type());
    int axes = layer.path("build_config").path("input_shape").size();
    KerasConfig keras =
        new KerasConfig(
            layer.path("config"),
            axes > 0 || !READ_AXES.contains(kind) ? axes : axes(shapes.get()),
            kind.equals("PReLU") ? shapes.get() : List.of(),
            pointer + "/config",
            unsupported);
    counterpart.mapping().write(keras, ours);
    keras.requireFloat32();
    keras.finish();
    keras.check(ours, unsupported.count() > before);
    return unsupported.count() > before ? null : ours;
  }

  private static String advice(String kind) {
    return switch (kind) {
      case "Lambda" ->
          ": its code is Python. Convert the other layers, and write a lambda layer with an"
              + " expression in its place";
      case "StringLookup", "IntegerLookup", "CategoryEncoding", "Hashing", "Discretization" ->
          ": columns become numbers before the network. Leave it out, and write an 'encode' for the"
              + " input";
      default -> "";
    };
  }

  /** The axes of an only input, the batch included; 0 when they are not known. */
  private static int axes(List<Shape> shapes) {
    return shapes.size() == 1 ? shapes.getFirst().rank() + 1 : 0;
  }

  /** What the layer inside does at each step, it does here along the last axis of all of them. */
  private static @Nullable ObjectNode timeDistributed(
      JsonNode layer, Supplier<List<Shape>> shapes, String pointer, Violations unsupported) {
    KerasConfig keras = new KerasConfig(layer.path("config"), 0, pointer + "/config", unsupported);
    JsonNode inner = keras.get("layer");
    keras.finish();
    String at = pointer + "/config/layer";
    String kind = inner.path("class_name").asString("");
    if (!PER_STEP.contains(kind)) {
      unsupported.add(
          at + "/class_name",
          "In TimeDistributed, only layers along the last axis have a counterpart ("
              + String.join(", ", PER_STEP)
              + "), got '"
              + JsonObject.shorten(kind)
              + "'");
      return null;
    }
    return convert(inner, shapes, at, unsupported);
  }

  private static @Nullable ObjectNode bidirectional(
      JsonNode layer, Supplier<List<Shape>> shapes, String pointer, Violations unsupported) {
    KerasConfig keras = new KerasConfig(layer.path("config"), 0, pointer + "/config", unsupported);
    keras.require("merge_mode", JSON.stringNode("concat"));
    JsonNode inner = keras.get("layer");
    JsonNode backward = keras.get("backward_layer");
    if (backward.isObject() && !reversed(inner).equals(reversed(backward))) {
      keras.refuse("backward_layer", "Only the forward layer in reverse has a counterpart");
    }
    keras.finish();
    ObjectNode ours = convert(inner, shapes, pointer + "/config/layer", unsupported);
    return ours == null ? null : ours.put("bidirectional", true);
  }

  /** What two layers of opposite directions have in common; Keras always writes both. */
  private static JsonNode reversed(JsonNode layer) {
    JsonNode common = layer.deepCopy();
    if (common instanceof ObjectNode whole) {
      whole.remove("build_config");
      if (whole.get("config") instanceof ObjectNode config) {
        config.remove(List.of("name", "go_backwards", "trainable"));
      }
    }
    return common;
  }

  /** A slope per channel, or one for all: those that are shared have length 1 in the weight. */
  private static void prelu(KerasConfig keras, ObjectNode ours) {
    keras.ignore("shared_axes", "alpha_initializer", "alpha_regularizer");
    keras.requireNone("alpha_constraint", "activity_regularizer");
    if (keras.shapes().size() != 1) {
      keras.refuse("shared_axes", "The shape of the input is not known");
      return;
    }
    Shape row = keras.shapes().getFirst();
    Set<Integer> shared = new HashSet<>();
    shared.addAll(keras.integers("shared_axes"));
    List<Integer> own = new ArrayList<>();
    for (int axis = 1; axis <= row.rank(); axis++) {
      if (!shared.contains(axis) && row.axis(axis - 1) > 1) {
        own.add(axis);
      }
    }
    boolean last = own.equals(List.of(row.rank()));
    boolean first = row.rank() > 1 && own.equals(List.of(1));
    if (!own.isEmpty() && !last && !first) {
      keras.refuse(
          "shared_axes",
          "A slope for each element of "
              + row
              + " has no counterpart, only one per channel or one for all: share the other axes, as"
              + " shared_axes=[1, 2] for images");
      return;
    }
    if (!own.isEmpty()) {
      ours.put("per_channel", true);
      ours.put("data_format", last ? "channels_last" : "channels_first");
    }
    if (keras.get("alpha_initializer").isMissingNode()) {
      ours.put("initializer", "zeros");
    }
    keras.initializer("alpha_initializer", "initializer", ours);
    keras.regularizer("alpha_regularizer", ours);
  }

  /**
   * (x − mean)/√variance, or the inverse of that. Keras bounds the deviation by 1e-7 from below.
   * What it learned itself is in the weights.
   */
  private static void normalization(KerasConfig keras, ObjectNode ours) {
    keras.ignore("axis");
    double[] means = keras.numbers("mean");
    double[] variances = keras.numbers("variance");
    if (means.length == 0 || variances.length == 0) {
      keras.refuse(
          means.length == 0 ? "mean" : "variance",
          "The document does not have it: what adapt() learned is in the weights. Write"
              + " Normalization(mean=layer.mean, variance=layer.variance) and export again, or leave"
              + " the layer out and give the input \"scale\": \"standard\"");
      return;
    }
    boolean inverse = keras.bool("invert", false);
    int count = Math.max(means.length, variances.length);
    boolean meansFit = means.length == 1 || means.length == count;
    if (!meansFit || (variances.length != 1 && variances.length != count)) {
      keras.refuse(
          meansFit ? "variance" : "mean",
          "One number or %d were expected, as many as there are of the other, got %d"
              .formatted(count, meansFit ? variances.length : means.length));
      return;
    }
    for (double variance : variances) {
      if (!(variance >= 0)) {
        keras.refuse("variance", "Numbers of at least 0 were expected, got " + variance);
        return;
      }
    }
    List<Double> shifts = new ArrayList<>();
    List<Double> widths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double mean = means[means.length == 1 ? 0 : i];
      double variance = variances[variances.length == 1 ? 0 : i];
      double std = Math.max(Math.sqrt(variance), 1e-7);
      shifts.add(inverse ? -mean / std : mean);
      widths.add(inverse ? 1 / std : std);
    }
    ArrayNode mean = ours.putArray("mean");
    ArrayNode std = ours.putArray("std");
    shifts.forEach(mean::add);
    widths.forEach(std::add);
    if (count > 1) {
      keras.channels(ours);
    }
  }

  private static void relu(KerasConfig keras, ObjectNode ours) {
    keras.require("threshold", JSON.numberNode(0));
    double slope = keras.number("negative_slope", 0);
    boolean limited = keras.has("max_value");
    if (limited && (keras.number("max_value", 6) != 6 || slope != 0)) {
      keras.refuse("max_value", "Only 6, with a negative_slope of 0, has a counterpart");
    } else if (limited) {
      ours.put("function", "relu6");
    } else if (slope == 0) {
      ours.put("function", "relu");
    } else {
      ours.put("function", "leaky_relu").put("alpha", slope);
    }
  }

  /** The members of all layers for augmentation; each has some of them. */
  private static void random(KerasConfig keras, ObjectNode ours) {
    String[] members = {
      "mode",
      "factor",
      "height_factor",
      "width_factor",
      "height",
      "width",
      "value_range",
      "fill_mode",
      "interpolation",
      "data_format"
    };
    for (String member : members) {
      keras.copy(member, ours);
    }
    if (keras.number("fill_value", 0) != 0) {
      keras.copy("fill_value", ours);
    }
  }

  /** Keras counts axes from 1; axis 0 is the batch. */
  private static void permute(KerasConfig keras, ObjectNode ours) {
    ArrayNode axes = ours.putArray("axes");
    keras.integers("dims").forEach(axis -> axes.add(axis - 1));
  }

  /** x·scale + offset. */
  private static void rescaling(KerasConfig keras, ObjectNode ours) {
    JsonNode scale = keras.get("scale");
    if (!scale.isNumber() || !(scale.doubleValue() > 0)) {
      keras.refuse("scale", "One number above 0 has a counterpart");
      return;
    }
    JsonNode shift = keras.get("offset");
    if (!shift.isMissingNode() && !shift.isNumber()) {
      keras.refuse("offset", "One number has a counterpart");
      return;
    }
    double offset = shift.asDouble(0);
    ours.put("mean", offset == 0 ? 0 : -offset / scale.doubleValue());
    ours.put("std", 1 / scale.doubleValue());
  }

  /** The momentum of Keras weighs the old statistics, ours (and PyTorch's) the new ones. */
  private static void batchNorm(KerasConfig keras, ObjectNode ours) {
    scaleAndShift(keras, ours);
    keras.channels(ours);
    keras.requireInitializer("moving_mean_initializer", "Zeros");
    keras.requireInitializer("moving_variance_initializer", "Ones");
    ours.put(
        "momentum",
        BigDecimal.ONE.subtract(BigDecimal.valueOf(keras.number("momentum", 0.99))).doubleValue());
  }

  /** The members of all normalizations; Keras's epsilon is larger than PyTorch's. */
  private static void scaleAndShift(KerasConfig keras, ObjectNode ours) {
    ours.put("epsilon", keras.number("epsilon", 1e-3));
    keras.require("center", JSON.booleanNode(true));
    keras.require("scale", JSON.booleanNode(true));
    keras.initializer("beta_initializer", "Zeros", "bias_initializer", ours);
    keras.initializer("gamma_initializer", "Ones", "initializer", ours);
    keras.regularizer("gamma_regularizer", ours);
    // A limit here is for each scale; Keras limits the norm of all of them.
    keras.requireNone("beta_regularizer", "beta_constraint", "gamma_constraint");
  }

  private static void recurrent(KerasConfig keras, ObjectNode ours) {
    keras.copy("units", ours);
    keras.copy("return_sequences", ours);
    keras.copy("go_backwards", ours);
    keras.require("activation", JSON.stringNode("tanh"));
    keras.require("recurrent_activation", JSON.stringNode("sigmoid"));
    keras.require("use_bias", JSON.booleanNode(true));
    keras.require("dropout", JSON.numberNode(0));
    keras.require("recurrent_dropout", JSON.numberNode(0));
    keras.require("return_state", JSON.booleanNode(false));
    keras.require("stateful", JSON.booleanNode(false));
    keras.initializer("kernel_initializer", "initializer", ours);
    keras.initializer("recurrent_initializer", "recurrent_initializer", ours);
    keras.requireInitializer("bias_initializer", "Zeros");
    if (!keras.bool("unit_forget_bias", true)) {
      ours.put("bias_initializer", "zeros");
    }
    // Ours acts on both kernels.
    keras.regularizer("kernel_regularizer", ours);
    keras.requireEqual("recurrent_regularizer", "kernel_regularizer");
    keras.requireNone("bias_regularizer", "activity_regularizer");
    keras.requireNone("kernel_constraint", "recurrent_constraint", "bias_constraint");
  }

  /** Without output_padding, Keras makes room for strides that are larger than the kernel. */
  private static void transposed(KerasConfig keras, ObjectNode ours) {
    convolution(keras, ours);
    boolean valid = keras.get("padding").asString("valid").equals("valid");
    JsonNode padding = keras.get("output_padding");
    if (!padding.isMissingNode() && !padding.isNull()) {
      if (valid) {
        keras.copy("output_padding", ours);
      } else {
        keras.refuse("output_padding", "Only with padding 'valid' it has a counterpart");
      }
    }
    for (int axis = 0; valid && axis < keras.get("strides").size(); axis++) {
      if (keras.get("strides").get(axis).asInt(1) > keras.get("kernel_size").path(axis).asInt(1)) {
        keras.refuse("strides", "Strides larger than the kernel have no counterpart");
        break;
      }
    }
  }

  private static void convolution(KerasConfig keras, ObjectNode ours) {
    keras.copy("filters", ours);
    keras.copy("groups", ours);
    window(keras, ours);
    keras.weighted(ours);
  }

  private static void window(KerasConfig keras, ObjectNode ours) {
    keras.copy("kernel_size", ours);
    keras.copy("strides", ours);
    keras.copy("dilation_rate", "dilation", ours);
    keras.copy("padding", ours);
    keras.copy("data_format", ours);
  }

  private static void pool(KerasConfig keras, ObjectNode ours) {
    keras.copy("pool_size", ours);
    keras.copy("strides", ours);
    keras.copy("padding", ours);
    keras.copy("data_format", ours);
  }

  private static void global(KerasConfig keras, ObjectNode ours) {
    keras.require("keepdims", JSON.booleanNode(false));
    keras.copy("data_format", ours);
  }

  private static void spatial(KerasConfig keras, String member, String ours, ObjectNode layer) {
    JsonNode numbers = keras.get(member);
    // For one axis, Keras writes the pair without a list around it.
    boolean pair =
        !member.equals("size")
            && numbers.isArray()
            && numbers.size() == 2
            && !keras.get("data_format").isString();
    if (pair && numbers.get(0).isNumber()) {
      layer.putArray(ours).add(numbers);
    } else if (!numbers.isMissingNode() && !numbers.isNull()) {
      layer.set(ours, numbers);
    }
    keras.copy("data_format", layer);
  }
}
