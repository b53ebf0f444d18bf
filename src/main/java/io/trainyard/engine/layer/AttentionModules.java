package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Attention and embedding layers. */
final class AttentionModules {
  private AttentionModules() {}

  static LayerModule of(AttentionSpec spec, LayerWeights weights, long purpose) {
    return switch (spec) {
      case AttentionSpec.MultiHead attention -> multiHead(attention, weights);
      case AttentionSpec.TransformerEncoder encoder -> encoder(encoder, weights, purpose);
    };
  }

  static LayerModule embedding(EmbeddingSpec spec, LayerWeights weights) {
    Tensor table = weights.tensor("weight");
    return (inputs, pass) -> {
      Tensor given = inputs[0];
      boolean integers = given.scalar_type().intern() == ScalarType.Long;
      Tensor indices = integers ? given : given.to(ScalarType.Long);
      checkRange(indices, spec.vocabulary());
      return torch.embedding(table, indices);
    };
  }

  private static void checkRange(Tensor indices, long vocabulary) {
    long least = indices.min().item_long();
    long most = indices.max().item_long();
    if (least < 0 || most >= vocabulary) {
      throw new ServiceException(
          ErrorCode.INVALID_BODY,
          "An embedding of %d expects whole numbers from 0 to %d, got %d"
              .formatted(vocabulary, vocabulary - 1, least < 0 ? least : most));
    }
  }

  /** Inputs: query; or query, value; or query, value, key. */
  private static LayerModule multiHead(AttentionSpec.MultiHead spec, LayerWeights weights) {
    Projections maps = new Projections(weights, "");
    return (inputs, pass) -> {
      Tensor query = inputs[0];
      Tensor value = inputs.length > 1 ? inputs[1] : query;
      Tensor key = inputs.length > 2 ? inputs[2] : value;
      return maps.attend(query, key, value, spec.heads(), 0, ForwardContext.PREDICTION, 0);
    };
  }

  private static LayerModule encoder(
      AttentionSpec.TransformerEncoder spec, LayerWeights weights, long purpose) {
    Projections maps = new Projections(weights, "self_attn.");
    Tensor widen = weights.tensor("linear1.weight");
    TensorOptional widenBias = weights.optional("linear1.bias");
    Tensor narrow = weights.tensor("linear2.weight");
    TensorOptional narrowBias = weights.optional("linear2.bias");
    double rate = spec.dropout();
    return (inputs, pass) -> {
      Tensor x = inputs[0];
      Tensor attended = maps.attend(x, x, x, spec.heads(), rate, pass, purpose);
      Tensor middle =
          norm(
              x.add(drop(attended, rate, pass, LayerModules.purpose(purpose, 1))),
              weights,
              "norm1");
      Tensor wide = torch.relu(torch.linear(middle, widen, widenBias));
      Tensor dropped = drop(wide, rate, pass, LayerModules.purpose(purpose, 2));
      Tensor out = torch.linear(dropped, narrow, narrowBias);
      return norm(
          middle.add(drop(out, rate, pass, LayerModules.purpose(purpose, 3))), weights, "norm2");
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

  private static Tensor drop(Tensor x, double rate, ForwardContext pass, long purpose) {
    return pass.training() && rate > 0
        ? x.mul(CoreModules.mask(x, x.sizes().vec().get(), rate, pass, purpose))
        : x;
  }

  /** The linear maps of queries, keys and values, stacked in that order, and the one after. */
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
        ForwardContext pass,
        long purpose) {
      Tensor q = split(map(query, 0), heads);
      Tensor k = split(map(key, 1), heads);
      Tensor v = split(map(value, 2), heads);
      Tensor mixed =
          pass.training() && rate > 0
              ? drop(scores(q, k).softmax(-1), rate, pass, purpose).matmul(v)
              : torch.scaled_dot_product_attention(q, k, v);
      long[] joined = {query.size(0), query.size(1), query.size(2)};
      return torch.linear(mixed.transpose(1, 2).reshape(joined), out, outBias);
    }

    private Tensor map(Tensor x, int which) {
      long width = out.size(0);
      Tensor own = weight.narrow(0, which * width, width);
      return torch.linear(x, own, new TensorOptional(bias.narrow(0, which * width, width)));
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
