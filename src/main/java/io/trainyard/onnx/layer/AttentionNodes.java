package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.AttentionSpec;
import java.util.Arrays;
import java.util.List;

/** Attention layers, from products and softmax. */
final class AttentionNodes {
  private AttentionNodes() {}

  static String of(AttentionSpec spec, List<String> inputs, LayerWriter to) {
    String query = inputs.getFirst();
    return switch (spec) {
      case AttentionSpec.MultiHead _ -> {
        String value = inputs.size() > 1 ? inputs.get(1) : query;
        String key = inputs.size() > 2 ? inputs.get(2) : value;
        yield attend(spec.heads(), "", query, key, value, to);
      }
      case AttentionSpec.TransformerEncoder _ -> encoder(spec, query, to);
    };
  }

  private static String encoder(AttentionSpec spec, String x, LayerWriter to) {
    double epsilon = AttentionSpec.TransformerEncoder.EPSILON;
    String attended = attend(spec.heads(), "self_attn.", x, x, x, to);
    String middle =
        NormNodes.layerNorm(to.add(x, attended), "norm1.weight", "norm1.bias", epsilon, to);
    String hidden =
        to.node("Relu", List.of(CoreNodes.linear(middle, 2, "linear1.weight", "linear1.bias", to)));
    String out = CoreNodes.linear(hidden, 2, "linear2.weight", "linear2.bias", to);
    return NormNodes.layerNorm(to.add(middle, out), "norm2.weight", "norm2.bias", epsilon, to);
  }

  private static String attend(
      int heads, String prefix, String query, String key, String value, LayerWriter to) {
    int width = to.input().last();
    String q = split(project(query, prefix, 0, width, to), heads, width, List.of(0, 2, 1, 3), to);
    // The keys come out transposed.
    String k = split(project(key, prefix, 1, width, to), heads, width, List.of(0, 2, 3, 1), to);
    String v = split(project(value, prefix, 2, width, to), heads, width, List.of(0, 2, 1, 3), to);
    String scaled = to.multiply(q, to.number(1 / Math.sqrt((double) width / heads)));
    String shares =
        to.node(
            "Softmax", List.of(to.node("MatMul", List.of(scaled, k))), Attribute.of("axis", -1L));
    String joined = to.transpose(to.node("MatMul", List.of(shares, v)), List.of(0, 2, 1, 3));
    String flat = to.node("Reshape", List.of(joined, to.integers(0, 0, width)));
    return CoreNodes.linear(flat, 2, prefix + "out_proj.weight", prefix + "out_proj.bias", to);
  }

  /** The map of queries (0), keys (1) or values (2): a third of the stacked weights. */
  private static String project(String x, String prefix, int which, int width, LayerWriter to) {
    String name = prefix + List.of("q", "k", "v").get(which);
    float[] part =
        CoreNodes.transposed(to.elements(prefix + "in_proj_weight"), which * width, width, width);
    float[] bias =
        Arrays.copyOfRange(
            to.elements(prefix + "in_proj_bias"), which * width, (which + 1) * width);
    String product =
        to.node("MatMul", List.of(x, to.computed(name + ".weight.T", part, width, width)));
    return to.add(product, to.computed(name + ".bias", bias, width));
  }

  /** [rows, steps, width] to [rows, heads, ...]. */
  private static String split(String x, int heads, int width, List<Integer> axes, LayerWriter to) {
    String apart = to.node("Reshape", List.of(x, to.integers(0, 0, heads, width / heads)));
    return to.transpose(apart, axes);
  }
}
