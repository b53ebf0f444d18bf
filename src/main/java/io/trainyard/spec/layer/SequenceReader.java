package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.InitializerSpec.Orthogonal;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import io.trainyard.spec.weights.InitializerSpec.Uniform;
import io.trainyard.spec.weights.RulesReader;
import io.trainyard.spec.weights.WeightRules;
import org.jspecify.annotations.Nullable;

/** Reads the layers of sequences: recurrent, attention, embedding; and those that add noise. */
final class SequenceReader {
  private static final int MAX_LAYERS = 64;

  /** Keras's half width of an embedding's first values. */
  private static final double EMBEDDING_WIDTH = 0.05;

  private SequenceReader() {}

  static @Nullable LayerSpec recurrent(JsonObject layer, RecurrentSpec.Cell cell) {
    int units = layer.requiredInteger("units", 1, LayerTypes.MAX_UNITS);
    int layers = layer.integer("layers", 1, 1, MAX_LAYERS);
    boolean bidirectional = layer.bool("bidirectional", false);
    boolean sequences = layer.bool("return_sequences", false);
    double dropout = layer.number("dropout", 0);
    boolean backwards = layer.bool("go_backwards", false);
    WeightRules rules = RulesReader.read(layer, WeightRules.DEFAULT);
    InitializerSpec recurrent =
        RulesReader.initializer(
            layer,
            "recurrent_initializer",
            rules.initializer() instanceof Torch ? new Torch() : new Orthogonal(1));
    boolean forgetBias =
        cell == RecurrentSpec.Cell.LSTM
            && !layer.has("bias_initializer")
            && !(rules.biasInitializer() instanceof Torch);
    return layer.build(
        () ->
            new RecurrentSpec(
                cell,
                units,
                layers,
                bidirectional,
                sequences,
                dropout,
                backwards,
                recurrent,
                forgetBias,
                rules));
  }

  static @Nullable LayerSpec multiHead(JsonObject layer) {
    int heads = layer.requiredInteger("heads", 1, LayerTypes.MAX_UNITS);
    int keyDim = layer.requiredInteger("key_dim", 1, LayerTypes.MAX_UNITS);
    WeightRules rules = RulesReader.read(layer, WeightRules.DEFAULT);
    return layer.build(() -> new AttentionSpec.MultiHead(heads, keyDim, rules));
  }

  static @Nullable LayerSpec transformerEncoder(JsonObject layer) {
    int heads = layer.requiredInteger("heads", 1, LayerTypes.MAX_UNITS);
    int ffDim = layer.requiredInteger("ff_dim", 1, LayerTypes.MAX_UNITS);
    double dropout = layer.number("dropout", 0);
    WeightRules rules = RulesReader.read(layer, WeightRules.DEFAULT);
    return layer.build(() -> new AttentionSpec.TransformerEncoder(heads, ffDim, dropout, rules));
  }

  static @Nullable LayerSpec embedding(JsonObject layer) {
    int vocabulary = layer.requiredInteger("vocabulary", 1, LayerTypes.MAX_UNITS);
    int dim = layer.requiredInteger("dim", 1, LayerTypes.MAX_UNITS);
    WeightRules defaults =
        WeightRules.DEFAULT.withInitializer(new Uniform(-EMBEDDING_WIDTH, EMBEDDING_WIDTH));
    WeightRules rules = RulesReader.read(layer, defaults);
    // PyTorch's own default for a table is a standard normal.
    WeightRules own =
        rules.initializer() instanceof Torch
            ? rules.withInitializer(new InitializerSpec.Normal(0, 1))
            : rules;
    return layer.build(() -> new EmbeddingSpec(vocabulary, dim, own));
  }

  static @Nullable LayerSpec spatialDropout(JsonObject layer, DataFormat format) {
    double rate = layer.requiredNumber("rate");
    DataFormat own = layer.choice("data_format", format);
    return Double.isNaN(rate)
        ? null
        : layer.build(layer.pointer("rate"), () -> new NoiseSpec.SpatialDropout(rate, own));
  }

  static @Nullable LayerSpec gaussianNoise(JsonObject layer) {
    double std = layer.requiredNumber("std");
    return Double.isNaN(std)
        ? null
        : layer.build(layer.pointer("std"), () -> new NoiseSpec.GaussianNoise(std));
  }
}
