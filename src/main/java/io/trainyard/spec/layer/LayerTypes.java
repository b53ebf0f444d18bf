package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.layer.PoolSpec.Kind;
import io.trainyard.tensor.DataFormat;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The register of layers: each type's name and its reading. The nested model is the one type that
 * is not here, see {@link NestedSpec}.
 */
public final class LayerTypes {
  /** The largest number of units, filters or groups. */
  public static final int MAX_UNITS = 1 << 24;

  /** The largest number of axes of a row. */
  static final int MAX_AXES = 8;

  private static final Map<String, Reading> TYPES = new TreeMap<>();

  static {
    register("dense", CoreSpec.Dense::read);
    register("activation", CoreSpec.Activation::read);
    register("dropout", CoreSpec.Dropout::read);
    register("flatten", _ -> new CoreSpec.Flatten());
    for (int n = 1; n <= 3; n++) {
      int axes = n;
      register(
          "conv" + n + "d",
          (layer, format) -> ConvolutionSpec.Convolution.read(layer, axes, format));
      register(
          "max_pool" + n + "d",
          (layer, format) -> PoolSpec.Window.read(layer, Kind.MAX, axes, format));
      register(
          "avg_pool" + n + "d",
          (layer, format) -> PoolSpec.Window.read(layer, Kind.AVERAGE, axes, format));
    }
    register("conv2d_transpose", TransposedConvolutionSpec::read);
    register("depthwise_conv2d", ConvolutionSpec.Depthwise::read);
    register("separable_conv2d", ConvolutionSpec.Separable::read);
    register("global_max_pool", (layer, format) -> PoolSpec.Global.read(layer, Kind.MAX, format));
    register(
        "global_avg_pool", (layer, format) -> PoolSpec.Global.read(layer, Kind.AVERAGE, format));
    register("batch_norm", NormSpec.BatchNorm::read);
    register("layer_norm", NormSpec.LayerNorm::read);
    register("group_norm", NormSpec.GroupNorm::read);
    for (RecurrentSpec.Cell cell : RecurrentSpec.Cell.values()) {
      register(cell.word(), layer -> RecurrentSpec.read(layer, cell));
    }
    register("multi_head_attention", AttentionSpec.MultiHead::read);
    register("transformer_encoder", AttentionSpec.TransformerEncoder::read);
    register("embedding", EmbeddingSpec::read);
    register("spatial_dropout", NoiseSpec.SpatialDropout::read);
    register("gaussian_noise", NoiseSpec.GaussianNoise::read);
    register("random_flip", AugmentationSpec.Flip::read);
    register("random_rotation", AugmentationSpec.Rotation::read);
    register("random_translation", AugmentationSpec.Translation::read);
    register("random_zoom", AugmentationSpec.Zoom::read);
    register("random_crop", AugmentationSpec.Crop::read);
    register("random_contrast", AugmentationSpec.Contrast::read);
    register("prelu", ElementwiseSpec.PRelu::read);
    register("normalize", ElementwiseSpec.Normalize::read);
    register("feature_scale", TabularSpec.FeatureScale::read);
    register("periodic_embedding", TabularSpec.PeriodicEmbedding::read);
    register("average_members", _ -> new TabularSpec.AverageMembers());
    register("ensemble_dense", TabularSpec.EnsembleDense::read);
    register("reshape", RearrangementSpec.Reshape::read);
    register("permute", RearrangementSpec.Permute::read);
    register("repeat", RearrangementSpec.Repeat::read);
    register("crop", RearrangementSpec.Crop::read);
    register("zero_pad", RearrangementSpec.ZeroPad::read);
    register("upsample", RearrangementSpec.Upsample::read);
    register("slice", RearrangementSpec.Slice::read);
    register("last_step", _ -> new RearrangementSpec.LastStep());
    register("concat", MergeSpec.Concat::read);
    for (MergeSpec.Operation operation : MergeSpec.Operation.values()) {
      register(operation.word(), _ -> new MergeSpec.Elementwise(operation));
    }
    register("matmul", _ -> new MergeSpec.Matmul());
    register("lambda", LambdaSpec::read);
  }

  private LayerTypes() {}

  /** Reads one type of layer, whose data format defaults to the network's. */
  @FunctionalInterface
  private interface Reading {
    @Nullable LayerSpec read(JsonObject layer, DataFormat format);
  }

  private static void register(String type, Reading reading) {
    TYPES.put(type, reading);
  }

  /** Registers a type that has no data format. */
  private static void register(String type, Function<JsonObject, @Nullable LayerSpec> reading) {
    register(type, (layer, _) -> reading.apply(layer));
  }

  /** The names of all types but {@code model}. */
  public static Set<String> names() {
    return Collections.unmodifiableSet(TYPES.keySet());
  }

  /**
   * Reads what a layer computes; {@code NetworkReader} reads its place in the graph.
   *
   * @param format the network's data format
   * @return null when the violations say why not
   */
  public static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
    String type = layer.requiredText("type");
    Reading reading = TYPES.get(type);
    if (reading == null) {
      if (layer.hasText("type")) {
        layer.violate(
            "type",
            "There is no layer type '%s'%s".formatted(JsonObject.shorten(type), advice(type)));
      }
      return null;
    }
    LayerSpec spec = layer.untangled(each -> reading.read(each, format));
    if (spec != null) {
      checkSparsity(layer, spec);
    }
    return spec;
  }

  /** Readers of the members of each type, for a layer of unknown type. */
  public static Stream<Consumer<JsonObject>> readers(DataFormat format) {
    return TYPES.values().stream().map(any -> each -> each.untangled(m -> any.read(m, format)));
  }

  /** Whether there is such a type, so that its members are known. */
  public static boolean isKnown(String type) {
    return TYPES.containsKey(type);
  }

  /** What was probably meant. */
  private static String advice(String type) {
    return ActivationSpec.named(type)
        .filter(_ -> NameAdvice.meant(type, names()).isEmpty())
        .map(
            activation ->
                "; it is an activation: write {\"type\": \"activation\", \"function\": \"%1$s\"}, or give the layer before \"activation\": \"%1$s\""
                    .formatted(activation))
        .orElseGet(
            () ->
                NameAdvice.before(
                    "there are " + String.join(", ", names()) + ", model", type, names()));
  }

  /** The sparsity regularizer treats a unit's mean output as a probability. */
  private static void checkSparsity(JsonObject layer, LayerSpec spec) {
    ActivationSpec activation = spec.activation();
    if (spec.rules().regularizer().sparsity() != null && !activation.staysInUnitInterval()) {
      layer.violate(
          "regularizer",
          "sparsity asks for an activation that stays in [0, 1], such as sigmoid, but the layer has"
              + " "
              + activation.function().word());
    }
  }
}
