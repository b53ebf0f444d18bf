package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.weights.RulesReader;
import io.trainyard.spec.weights.WeightRules;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what a layer computes; its place in the graph is for {@code NetworkReader}. */
public final class LayerTypes {
  static final int MAX_UNITS = 1 << 24;

  /** Reads one type of layer; the data format is the network's. */
  @FunctionalInterface
  private interface Reader {
    @Nullable LayerSpec read(JsonObject layer, DataFormat format);
  }

  private static final Map<String, Reader> TYPES = new TreeMap<>();

  static {
    TYPES.put("dense", (layer, _) -> dense(layer));
    TYPES.put("activation", (layer, _) -> activation(layer));
    TYPES.put("dropout", (layer, _) -> dropout(layer));
    TYPES.put("flatten", (_, _) -> new CoreSpec.Flatten());
    for (int axes = 1; axes <= 3; axes++) {
      int n = axes;
      TYPES.put(
          "conv" + n + "d", (layer, format) -> ConvolutionReader.convolution(layer, n, format));
      TYPES.put(
          "max_pool" + n + "d",
          (layer, format) -> ConvolutionReader.pool(layer, PoolSpec.Kind.MAX, n, format));
      TYPES.put(
          "avg_pool" + n + "d",
          (layer, format) -> ConvolutionReader.pool(layer, PoolSpec.Kind.AVERAGE, n, format));
    }
    TYPES.put("conv2d_transpose", ConvolutionReader::transposed);
    TYPES.put("depthwise_conv2d", ConvolutionReader::depthwise);
    TYPES.put("separable_conv2d", ConvolutionReader::separable);
    TYPES.put(
        "global_max_pool",
        (layer, format) -> ConvolutionReader.global(layer, PoolSpec.Kind.MAX, format));
    TYPES.put(
        "global_avg_pool",
        (layer, format) -> ConvolutionReader.global(layer, PoolSpec.Kind.AVERAGE, format));
    TYPES.put("batch_norm", NormReader::batchNorm);
    for (RecurrentSpec.Cell cell : RecurrentSpec.Cell.values()) {
      TYPES.put(cell.type(), (layer, _) -> SequenceReader.recurrent(layer, cell));
    }
    TYPES.put("embedding", (layer, _) -> SequenceReader.embedding(layer));
    TYPES.put("multi_head_attention", (layer, _) -> SequenceReader.multiHead(layer));
    TYPES.put("transformer_encoder", (layer, _) -> SequenceReader.transformerEncoder(layer));
    TYPES.put("spatial_dropout", SequenceReader::spatialDropout);
    TYPES.put("gaussian_noise", (layer, _) -> SequenceReader.gaussianNoise(layer));
    TYPES.put("layer_norm", (layer, _) -> NormReader.layerNorm(layer));
    TYPES.put("group_norm", NormReader::groupNorm);
    TYPES.put("prelu", (_, _) -> new ElementwiseSpec.PRelu());
    TYPES.put("normalize", ElementwiseReader::normalize);
    TYPES.put("reshape", (layer, _) -> RearrangementReader.reshape(layer));
    TYPES.put("permute", (layer, _) -> RearrangementReader.permute(layer));
    TYPES.put("repeat", (layer, _) -> RearrangementReader.repeat(layer));
    TYPES.put("crop", RearrangementReader::crop);
    TYPES.put("zero_pad", RearrangementReader::zeroPad);
    TYPES.put("upsample", RearrangementReader::upsample);
    TYPES.put("slice", (layer, _) -> RearrangementReader.slice(layer));
    TYPES.put("last_step", (_, _) -> new RearrangementSpec.LastStep());
    TYPES.put("concat", (layer, _) -> ElementwiseReader.concat(layer));
    for (MergeSpec.Operation operation : MergeSpec.Operation.values()) {
      TYPES.put(name(operation), (_, _) -> new MergeSpec.Elementwise(operation));
    }
    TYPES.put("lambda", (layer, _) -> LambdaSpec.read(layer));
    TYPES.put("matmul", (_, _) -> new MergeSpec.Matmul());
  }

  private LayerTypes() {}

  private static String name(Enum<?> type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** The layer, or null when the violations say why not. */
  public static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
    if (!layer.hasText("type")) {
      layer.requiredText("type");
      return null;
    }
    String type = layer.requiredText("type");
    Reader reader = TYPES.get(type);
    if (reader == null) {
      layer.violate(
          "type",
          "There is no layer type '%s'; there are %s"
              .formatted(JsonObject.shorten(type), String.join(", ", TYPES.keySet()) + ", model"));
      return null;
    }
    LayerSpec spec = reader.read(layer, format);
    if (spec != null
        && spec.rules().regularizer().sparsity() != null
        && !spec.activation().staysWithinUnit()) {
      layer.violate(
          "regularizer",
          "sparsity asks for an activation that stays in [0, 1], such as sigmoid, but the layer has"
              + " "
              + ActivationReader.name(spec.activation().function()));
    }
    return spec;
  }

  private static @Nullable LayerSpec dense(JsonObject layer) {
    int units = layer.requiredInteger("units", 1, MAX_UNITS);
    ActivationSpec activation = ActivationReader.read(layer, "activation", ActivationSpec.LINEAR);
    boolean bias = layer.bool("bias", true);
    WeightRules rules = RulesReader.read(layer, WeightRules.DEFAULT);
    return layer.build(() -> new CoreSpec.Dense(units, activation, bias, rules));
  }

  private static LayerSpec activation(JsonObject layer) {
    if (!layer.has("function")) {
      layer.requiredText("function");
    }
    ActivationSpec function = ActivationReader.read(layer, "function", ActivationSpec.LINEAR);
    if (layer.has("alpha")) {
      function = ActivationReader.withAlpha(function, layer);
    }
    return new CoreSpec.Activation(function);
  }

  private static @Nullable LayerSpec dropout(JsonObject layer) {
    double rate = layer.requiredNumber("rate");
    return Double.isNaN(rate)
        ? null
        : layer.build(layer.pointer("rate"), () -> new CoreSpec.Dropout(rate));
  }
}
