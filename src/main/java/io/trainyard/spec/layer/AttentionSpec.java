package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.number;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.InitializerSpec.Glorot;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers in which each step of a sequence reads all steps. */
public sealed interface AttentionSpec extends LayerSpec {
  int heads();

  /**
   * softmax(q·kᵀ/√key_dim)·v per head, with linear maps of q, k and v before and one map after.
   *
   * <p>Inputs: one (self-attention), two (query; value and key) or three (query, value, key), each
   * [steps, e] with e = heads·key_dim. Output: [query steps, e]. Weights: in_proj_weight [3·e, e],
   * in_proj_bias [3·e], out_proj.weight [e, e], out_proj.bias [e]. Source:
   * torch.nn.MultiheadAttention, batch first.
   */
  record MultiHead(int heads, int keyDim, WeightRules rules) implements AttentionSpec {
    public MultiHead {
      requirePositive("heads", heads);
      requirePositive("key_dim", keyDim);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      int heads = layer.requiredInteger("heads", 1, LayerTypes.MAX_UNITS);
      int keyDim = layer.requiredInteger("key_dim", 1, LayerTypes.MAX_UNITS);
      WeightRules rules = WeightRules.read(layer, WeightRules.DEFAULT);
      return layer.build(() -> new MultiHead(heads, keyDim, rules));
    }

    @Override
    public String type() {
      return "multi_head_attention";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      List<Shape> shapes = inputs.shapes();
      if (shapes.isEmpty() || shapes.size() > 3) {
        throw inputs.fault("takes one to three inputs but has " + shapes.size());
      }
      int width = Math.multiplyExact(heads, keyDim);
      for (int i = 0; i < shapes.size(); i++) {
        requireSequence(inputs, i, width);
      }
      int keys = shapes.size() == 1 ? shapes.getFirst().axis(0) : shapes.get(1).axis(0);
      if (shapes.size() == 3 && shapes.get(2).axis(0) != keys) {
        throw inputs.fault(
            "needs as many keys as values, but they are %s and %s"
                .formatted(shapes.get(2), shapes.get(1)));
      }
      List<WeightSpec> weights = new ArrayList<>();
      addProjections(weights, "", width, rules, inputs);
      Shape output = shapes.getFirst();
      return new LayerShape(
          shapes,
          output,
          weights,
          "%s → %s; parameters 4e² + 4e with e = heads·key_dim = %d·%d: %d"
              .formatted(output, output, heads, keyDim, WeightSpec.elements(weights)),
          cost(output.axis(0), keys, width));
    }

    private static void requireSequence(LayerInputs inputs, int index, int width) {
      Shape shape = inputs.shapes().get(index);
      if (shape.rank() != 2 || shape.last() != width) {
        throw inputs.fault(
            "expects [steps, heads·key_dim = %d] but '%s' gives %s"
                .formatted(width, inputs.layer().inputs().get(index), shape));
      }
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "multi_head_attention", "Each step reads all steps, weighted by how well they match.")
          .formula(
              "softmax(q·kᵀ/√key_dim)·v per head, with linear maps of q, k, v before and one after")
          .shape(
              "[steps, e] → [steps, e], e = heads·key_dim; inputs: one (self), two (query, value),"
                  + " three (query, value, key)")
          .names(
              "torch.nn.MultiheadAttention",
              "keras.layers.MultiHeadAttention",
              "selfAttentionLayer, attentionLayer")
          .source("Vaswani et al. 2017; PyTorch's layout of weights")
          .member("heads", integer(1, LayerTypes.MAX_UNITS), "Parallel attentions.")
          .member("key_dim", integer(1, LayerTypes.MAX_UNITS), "Numbers per head.")
          .include("weights")
          .required("heads", "key_dim")
          .input(10, 8)
          .example("heads", 2)
          .example("key_dim", 4);
    }
  }

  /**
   * z = norm1(x + attention(x)); y = norm2(z + linear2(relu(linear1(z)))).
   *
   * <p>Shapes: x and y [steps, e]. Weights: self_attn as in {@link MultiHead}; linear1.weight [f,
   * e], linear1.bias [f], linear2.weight [e, f], linear2.bias [e]; norm1 and norm2 weight and bias
   * [e]. Source: torch.nn.TransformerEncoderLayer, batch first, norms after, relu.
   *
   * @param ffDim f, the units between linear1 and linear2
   * @param dropout in training, on attention's weights, between the linear maps and before each sum
   */
  record TransformerEncoder(int heads, int ffDim, double dropout, WeightRules rules)
      implements AttentionSpec {
    /** PyTorch's default, for both norms. */
    public static final double EPSILON = 1e-5;

    /** Between the linear maps: before and after relu, and after dropout. */
    private static final int FF_VALUES = 3;

    /** Sums, norms and dropouts of the layer's width. */
    private static final int NORM_VALUES = 8;

    public TransformerEncoder {
      requirePositive("heads", heads);
      requirePositive("ff_dim", ffDim);
      JsonObject.require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1)", dropout);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      int heads = layer.requiredInteger("heads", 1, LayerTypes.MAX_UNITS);
      int ffDim = layer.requiredInteger("ff_dim", 1, LayerTypes.MAX_UNITS);
      double dropout = layer.number("dropout", 0);
      WeightRules rules = WeightRules.read(layer, WeightRules.DEFAULT);
      return layer.build(() -> new TransformerEncoder(heads, ffDim, dropout, rules));
    }

    @Override
    public boolean isSampled() {
      return dropout > 0;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.image(1, DataFormat.CHANNELS_LAST);
      int width = input.last();
      if (width % heads != 0) {
        throw inputs.fault(
            "has %d heads, which must divide the last axis of %s".formatted(heads, input));
      }
      List<WeightSpec> weights = weights(width, inputs);
      long steps = input.axis(0);
      LayerCost attention = cost(steps, steps, width);
      long linears = Math.multiplyExact(2 * steps * width, (long) ffDim);
      LayerCost all =
          attention
              .plus(linears)
              .keeping(steps * (FF_VALUES * (long) ffDim + (long) NORM_VALUES * width));
      return new LayerShape(
          inputs.shapes(),
          input,
          weights,
          "as the input: %s; parameters 4e² + 9e + 2·e·f + f with e = %d, f = %d: %d"
              .formatted(input, width, ffDim, WeightSpec.elements(weights)),
          dropout > 0 ? all.keepingInTraining(scores(steps)) : all);
    }

    /** With dropout the scores are computed apart: products, softmax, mask and masked. */
    private long scores(long steps) {
      return Math.multiplyExact(4L * heads, Math.multiplyExact(steps, steps));
    }

    private List<WeightSpec> weights(int width, LayerInputs inputs) {
      InitializerSpec kernel = rules.initializer();
      InitializerSpec bias = rules.biasInitializer();
      List<WeightSpec> weights = new ArrayList<>();
      addProjections(weights, "self_attn.", width, rules, inputs);
      weights.add(inputs.weight("linear1.weight", kernel, width, ffDim, ffDim, width));
      weights.add(inputs.weight("linear1.bias", bias, width, ffDim, ffDim));
      weights.add(inputs.weight("linear2.weight", kernel, ffDim, width, width, ffDim));
      weights.add(inputs.weight("linear2.bias", bias, ffDim, width, width));
      for (String norm : new String[] {"norm1", "norm2"}) {
        weights.add(inputs.weight(norm + ".weight", new Constant(1), width, width, width));
        weights.add(inputs.weight(norm + ".bias", new Constant(0), width, width, width));
      }
      return weights;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "transformer_encoder",
              "Self-attention and two dense layers, each with a sum and a normalization.")
          .formula("z = norm1(x + attention(x)); y = norm2(z + linear2(relu(linear1(z))))")
          .shape("[steps, e] → the same; heads divides e")
          .names("torch.nn.TransformerEncoderLayer", null, null)
          .source("Vaswani et al. 2017; PyTorch's layer, batch first, norms after, relu")
          .member("heads", integer(1, LayerTypes.MAX_UNITS), "Parallel attentions.")
          .member("ff_dim", integer(1, LayerTypes.MAX_UNITS), "Units between the two dense layers.")
          .member(
              "dropout",
              number().atLeast(0).below(1).or(0),
              "Dropout in training: on attention, between the dense layers, before each sum.")
          .include("weights")
          .required("heads", "ff_dim")
          .input(10, 8)
          .example("heads", 2)
          .example("ff_dim", 16)
          .example("dropout", 0.1);
    }
  }

  private static void requirePositive(String name, int number) {
    JsonObject.require(number >= 1, name + " must be at least 1", number);
  }

  /** The linear maps before and after attention. */
  private static void addProjections(
      List<WeightSpec> weights, String prefix, int width, WeightRules rules, LayerInputs inputs) {
    InitializerSpec kernel = rules.initializer();
    boolean torch = kernel instanceof Torch;
    // PyTorch draws the three maps as one Glorot matrix, the last map as a Linear without a bias.
    InitializerSpec first = torch ? new Glorot(true) : kernel;
    InitializerSpec bias =
        rules.biasInitializer() instanceof Torch ? new Constant(0) : rules.biasInitializer();
    int all = Math.multiplyExact(3, width);
    weights.add(
        inputs.weight(prefix + "in_proj_weight", first, width, torch ? all : width, all, width));
    weights.add(inputs.weight(prefix + "in_proj_bias", bias, width, width, all));
    weights.add(inputs.weight(prefix + "out_proj.weight", kernel, width, width, width, width));
    weights.add(inputs.weight(prefix + "out_proj.bias", bias, width, width, width));
  }

  /**
   * Of the four linear maps, the scores and the weighted sums. The kernel computes scores in blocks
   * and does not store them; kept are query, key, value and the weighted sums in two layouts.
   */
  private static LayerCost cost(long queries, long keys, long width) {
    long maps = Math.multiplyExact(2 * queries + 2 * keys, width * width);
    long sums = Math.multiplyExact(Math.multiplyExact(2 * queries, keys), width);
    return LayerCost.of(Math.addExact(maps, sums))
        .keeping(Math.multiplyExact(3 * queries + 2 * keys, width));
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("multi_head_attention", MultiHead::read);
    types.add("transformer_encoder", TransformerEncoder::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of("layer", "Attention", MultiHead.described(), TransformerEncoder.described());
  }
}
