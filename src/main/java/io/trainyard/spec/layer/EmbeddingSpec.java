package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.schema;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import io.trainyard.spec.weights.InitializerSpec.Uniform;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replaces each index by its row of a table.
 *
 * <p>Shapes: x [...] of integers, y [..., dim]. Weights: weight [vocabulary, dim]. Source:
 * torch.nn.Embedding.
 *
 * @param vocabulary indices run from 0 to vocabulary − 1; {@link #AUTO} until the encoding of what
 *     it looks up is known
 */
public record EmbeddingSpec(int vocabulary, int dim, WeightRules rules) implements LayerSpec {
  /** Keras's initializer: uniform in ±0.05. */
  private static final WeightRules DEFAULT_RULES =
      WeightRules.DEFAULT.withInitializer(new Uniform(-0.05, 0.05));

  /** The vocabulary follows the encoding. */
  public static final int AUTO = 0;

  public EmbeddingSpec {
    JsonObject.require(vocabulary >= AUTO, "vocabulary must be at least 1", vocabulary);
    JsonObject.require(dim >= 1, "dim must be at least 1", dim);
  }

  static @Nullable LayerSpec read(JsonObject layer) {
    boolean auto = layer.hasText("vocabulary") && layer.text("vocabulary", "").equals("auto");
    if (layer.hasText("vocabulary") && !auto) {
      layer.violate(
          "vocabulary",
          "A whole number from 1 to %d, or \"auto\" for what the encoding of the columns needs, was expected, got '%s'"
              .formatted(LayerTypes.MAX_UNITS, JsonObject.shorten(layer.text("vocabulary", ""))));
    }
    int vocabulary =
        auto || layer.hasText("vocabulary")
            ? AUTO
            : layer.requiredInteger("vocabulary", 1, LayerTypes.MAX_UNITS);
    int dim = layer.requiredInteger("dim", 1, LayerTypes.MAX_UNITS);
    WeightRules rules = WeightRules.read(layer, DEFAULT_RULES);
    // PyTorch's default for a table is a standard normal.
    WeightRules resolved =
        rules.initializer() instanceof Torch
            ? rules.withInitializer(new InitializerSpec.Normal(0, 1))
            : rules;
    return layer.build(() -> new EmbeddingSpec(vocabulary, dim, resolved));
  }

  public boolean isAuto() {
    return vocabulary == AUTO;
  }

  /** The same with a vocabulary that is known. */
  public EmbeddingSpec withVocabulary(int known) {
    return new EmbeddingSpec(known, dim, rules);
  }

  @Override
  public LayerShape infer(LayerInputs inputs) {
    Shape input = inputs.only();
    List<Integer> dims = new ArrayList<>(input.dims());
    dims.add(dim);
    Shape output = new Shape(dims);
    // The indices as 64-bit integers.
    LayerCost cost = LayerCost.NONE.keeping(Math.multiplyExact(2, input.elements()));
    if (isAuto()) {
      return new LayerShape(
          inputs.shapes(),
          output,
          List.of(),
          "%s → %s; parameters vocabulary·dim, where the vocabulary follows the encoding of '%s': a dataset tells it"
              .formatted(input, output, inputs.layer().inputs().getFirst()),
          cost);
    }
    WeightSpec table =
        inputs.weight("weight", rules.initializer(), vocabulary, dim, vocabulary, dim);
    return new LayerShape(
        inputs.shapes(),
        output,
        List.of(table),
        "%s → %s; parameters vocabulary·dim = %d·%d = %d"
            .formatted(input, output, vocabulary, dim, table.shape().elements()),
        cost);
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("embedding", EmbeddingSpec::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Embedding",
        Described.as("embedding", "Replaces each index by its row of a table.")
            .formula("y = W[x]")
            .shape("[...] of whole numbers → [..., dim]")
            .names("torch.nn.Embedding", "keras.layers.Embedding", "wordEmbeddingLayer")
            .source("PyTorch's Embedding; starts uniform in ±0.05 as Keras's")
            .member(
                "vocabulary",
                anyOf(integer(1, LayerTypes.MAX_UNITS), schema().with("const", "auto")),
                "Rows of the table; indices run from 0 to vocabulary − 1. \"auto\" follows the"
                    + " encoding of the columns that it looks up; the version holds the number.")
            .member("dim", integer(1, LayerTypes.MAX_UNITS), "Numbers per index.")
            .include("weights")
            .required("vocabulary", "dim")
            .input(5)
            .example("vocabulary", 100)
            .example("dim", 8));
  }
}
