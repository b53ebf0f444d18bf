package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Shapes and weights of attention and embedding layers, named as in PyTorch. */
public final class AttentionShapes {
  private AttentionShapes() {}

  public static LayerShape infer(AttentionSpec spec, LayerInputs inputs) {
    return switch (spec) {
      case AttentionSpec.MultiHead attention -> multiHead(attention, inputs);
      case AttentionSpec.TransformerEncoder encoder -> encoder(encoder, inputs);
    };
  }

  private static LayerShape multiHead(AttentionSpec.MultiHead spec, LayerInputs inputs) {
    List<Shape> shapes = inputs.shapes();
    if (shapes.isEmpty() || shapes.size() > 3) {
      throw inputs.fault("takes one to three inputs but has " + shapes.size());
    }
    int width = Math.multiplyExact(spec.heads(), spec.keyDim());
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
    addAttention(weights, "", width, spec.rules(), inputs);
    Shape output = shapes.getFirst();
    return new LayerShape(
        shapes,
        output,
        weights,
        "%s → %s; parameters 4e² + 4e with e = heads·key_dim = %d·%d: %d"
            .formatted(output, output, spec.heads(), spec.keyDim(), parameters(weights)),
        attentionCost(output.axis(0), keys, width));
  }

  private static void requireSequence(LayerInputs inputs, int index, int width) {
    Shape shape = inputs.shapes().get(index);
    if (shape.rank() != 2 || shape.last() != width) {
      throw inputs.fault(
          "expects [steps, heads·key_dim = %d] but '%s' gives %s"
              .formatted(width, inputs.layer().inputs().get(index), shape));
    }
  }

  private static LayerShape encoder(AttentionSpec.TransformerEncoder spec, LayerInputs inputs) {
    Shape input = inputs.image(1, DataFormat.CHANNELS_LAST);
    int width = input.last();
    if (width % spec.heads() != 0) {
      throw inputs.fault(
          "has %d heads, which must divide the last axis of %s".formatted(spec.heads(), input));
    }
    WeightRules rules = spec.rules();
    int ff = spec.ffDim();
    List<WeightSpec> weights = new ArrayList<>();
    addAttention(weights, "self_attn.", width, rules, inputs);
    weights.add(inputs.weight("linear1.weight", rules.initializer(), width, ff, ff, width));
    weights.add(inputs.weight("linear1.bias", rules.biasInitializer(), width, ff, ff));
    weights.add(inputs.weight("linear2.weight", rules.initializer(), ff, width, width, ff));
    weights.add(inputs.weight("linear2.bias", rules.biasInitializer(), ff, width, width));
    for (String norm : new String[] {"norm1", "norm2"}) {
      weights.add(inputs.weight(norm + ".weight", new Constant(1), width, width, width));
      weights.add(inputs.weight(norm + ".bias", new Constant(0), width, width, width));
    }
    long steps = input.axis(0);
    long cost = Math.addExact(attentionCost(steps, steps, width), 2 * steps * width * (long) ff);
    return new LayerShape(
        inputs.shapes(),
        input,
        weights,
        "as the input: %s; parameters 4e² + 9e + 2·e·f + f with e = %d, f = %d: %d"
            .formatted(input, width, ff, parameters(weights)),
        cost);
  }

  private static void addAttention(
      List<WeightSpec> weights, String prefix, int width, WeightRules rules, LayerInputs inputs) {
    int all = Math.multiplyExact(3, width);
    weights.add(
        inputs.weight(prefix + "in_proj_weight", rules.initializer(), width, width, all, width));
    weights.add(inputs.weight(prefix + "in_proj_bias", rules.biasInitializer(), width, width, all));
    weights.add(
        inputs.weight(prefix + "out_proj.weight", rules.initializer(), width, width, width, width));
    weights.add(
        inputs.weight(prefix + "out_proj.bias", rules.biasInitializer(), width, width, width));
  }

  private static long attentionCost(long queries, long keys, long width) {
    long maps = Math.multiplyExact(2 * queries + 2 * keys, width * width);
    return Math.addExact(maps, Math.multiplyExact(2 * queries * keys, width));
  }

  private static long parameters(List<WeightSpec> weights) {
    return weights.stream().mapToLong(weight -> weight.shape().elements()).sum();
  }

  /** {@code [...]} to {@code [..., dim]}. */
  public static LayerShape embedding(EmbeddingSpec spec, LayerInputs inputs) {
    Shape input = inputs.only();
    List<Integer> dims = new ArrayList<>(input.dims());
    dims.add(spec.dim());
    Shape output = new Shape(dims);
    WeightSpec table =
        inputs.weight(
            "weight",
            spec.rules().initializer(),
            spec.vocabulary(),
            spec.dim(),
            spec.vocabulary(),
            spec.dim());
    return new LayerShape(
        inputs.shapes(),
        output,
        List.of(table),
        "%s → %s; parameters vocabulary·dim = %d·%d = %d"
            .formatted(input, output, spec.vocabulary(), spec.dim(), table.shape().elements()),
        0);
  }
}
