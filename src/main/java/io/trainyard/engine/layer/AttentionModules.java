package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.AttentionSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Attention layers. Source: torch.nn.MultiheadAttention and TransformerEncoderLayer. */
final class AttentionModules {
  private AttentionModules() {}

  static LayerModule of(AttentionSpec spec, LayerWeights weights, long purpose) {
    return switch (spec) {
      case AttentionSpec.MultiHead attention -> multiHead(attention, weights);
      case AttentionSpec.TransformerEncoder encoder -> encoder(encoder, weights, purpose);
    };
  }

  /** Inputs: query; or query, value; or query, value, key. */
  private static LayerModule multiHead(AttentionSpec.MultiHead spec, LayerWeights weights) {
    Projections projections = new Projections(weights, "");
    return (inputs, context) -> {
      Tensor query = inputs[0];
      Tensor value = inputs.length > 1 ? inputs[1] : query;
      Tensor key = inputs.length > 2 ? inputs[2] : value;
      return projections.attend(query, key, value, spec.heads(), 0, ForwardContext.PREDICTION, 0);
    };
  }

  /** x + attention, layer norm, then + feed-forward, layer norm (PyTorch's post-norm order). */
  private static LayerModule encoder(
      AttentionSpec.TransformerEncoder spec, LayerWeights weights, long purpose) {
    Projections projections = new Projections(weights, "self_attn.");
    Tensor linear1 = weights.tensor("linear1.weight");
    TensorOptional bias1 = weights.optional("linear1.bias");
    Tensor linear2 = weights.tensor("linear2.weight");
    TensorOptional bias2 = weights.optional("linear2.bias");
    double rate = spec.dropout();
    return (inputs, context) -> {
      Tensor x = inputs[0];
      Tensor attended = projections.attend(x, x, x, spec.heads(), rate, context, purpose);
      Tensor middle =
          norm(
              x.add(CoreModules.dropout(attended, rate, context, LayerModules.purpose(purpose, 1))),
              weights,
              "norm1");
      Tensor hidden = torch.relu(torch.linear(middle, linear1, bias1));
      Tensor dropped = CoreModules.dropout(hidden, rate, context, LayerModules.purpose(purpose, 2));
      Tensor out = torch.linear(dropped, linear2, bias2);
      return norm(
          middle.add(CoreModules.dropout(out, rate, context, LayerModules.purpose(purpose, 3))),
          weights,
          "norm2");
    };
  }

  private static Tensor norm(Tensor x, LayerWeights weights, String name) {
    return torch.layer_norm(
        x,
        new long[] {x.size(-1)},
        weights.optional(name + ".weight"),
        weights.optional(name + ".bias"),
        AttentionSpec.TransformerEncoder.EPSILON,
        false);
  }

  /**
   * The projections of attention.
   *
   * @param weight those of queries, keys and values, stacked in that order
   * @param out the output projection
   */
  private record Projections(Tensor weight, Tensor bias, Tensor out, TensorOptional outBias) {
    Projections(LayerWeights weights, String prefix) {
      this(
          weights.tensor(prefix + "in_proj_weight"),
          weights.tensor(prefix + "in_proj_bias"),
          weights.tensor(prefix + "out_proj.weight"),
          weights.optional(prefix + "out_proj.bias"));
    }

    Tensor attend(
        Tensor query,
        Tensor key,
        Tensor value,
        int heads,
        double rate,
        ForwardContext context,
        long purpose) {
      Tensor q = split(project(query, 0), heads);
      Tensor k = split(project(key, 1), heads);
      Tensor v = split(project(value, 2), heads);
      Tensor attended =
          context.draws() && rate > 0
              ? CoreModules.dropout(scores(q, k).softmax(-1), rate, context, purpose).matmul(v)
              : torch.scaled_dot_product_attention(q, k, v);
      long[] joined = {query.size(0), query.size(1), query.size(2)};
      return torch.linear(attended.transpose(1, 2).reshape(joined), out, outBias);
    }

    private Tensor project(Tensor x, int which) {
      long width = out.size(0);
      Tensor part = weight.narrow(0, which * width, width);
      return torch.linear(x, part, new TensorOptional(bias.narrow(0, which * width, width)));
    }

    /** {@code [rows, steps, width]} to {@code [rows, heads, steps, width/heads]}. */
    private static Tensor split(Tensor x, int heads) {
      return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    private static Tensor scores(Tensor q, Tensor k) {
      Tensor scaled = q.mul(new Scalar(1 / Math.sqrt((double) q.size(-1))));
      return scaled.matmul(k.transpose(-2, -1));
    }
  }
}
