package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.TabularSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Layers for tables. */
final class TabularModules {
  private TabularModules() {}

  static LayerModule of(TabularSpec spec, LayerWeights weights) {
    return switch (spec) {
      case TabularSpec.FeatureScale _ -> {
        Tensor weight = weights.tensor("weight");
        yield (inputs, context) -> inputs[0].mul(weight);
      }
      case TabularSpec.AverageMembers _ -> (inputs, context) -> inputs[0].mean(1);
      case TabularSpec.PeriodicEmbedding _ -> periodic(weights);
      case TabularSpec.EnsembleDense dense ->
          dense.shared() ? shared(dense.members(), weights) : apart(dense.members(), weights);
    };
  }

  /** A batched product with a matrix for each feature. */
  private static LayerModule periodic(LayerWeights weights) {
    Tensor frequency = weights.tensor("frequency");
    Tensor phase = weights.tensor("phase");
    Tensor weight = weights.tensor("weight");
    Tensor bias = weights.tensor("bias");
    return (inputs, context) -> {
      Tensor x = inputs[0].unsqueeze(-1);
      Tensor speed = frequency.mul(new Scalar(2 * Math.PI));
      Tensor waves = torch.addcmul(phase, x, speed).cos().transpose(0, 1);
      Tensor embedded = torch.baddbmm(bias.unsqueeze(1), waves, weight.transpose(1, 2));
      return torch.cat(new TensorVector(embedded.transpose(0, 1), x), -1).flatten(1, -1);
    };
  }

  private static LayerModule shared(int members, LayerWeights weights) {
    Tensor weight = weights.tensor("weight");
    Tensor r = weights.tensor("r");
    Tensor s = weights.tensor("s");
    Tensor bias = weights.tensor("bias");
    return (inputs, context) ->
        torch.linear(rows(inputs[0], members).mul(r), weight).mul(s).add(bias);
  }

  /** A batched product with a matrix for each member. */
  private static LayerModule apart(int members, LayerWeights weights) {
    Tensor weight = weights.tensor("weight");
    Tensor bias = weights.tensor("bias");
    return (inputs, context) -> {
      Tensor rows = rows(inputs[0], members).transpose(0, 1);
      return torch.baddbmm(bias.unsqueeze(1), rows, weight.transpose(1, 2)).transpose(0, 1);
    };
  }

  /** A row for each member. */
  private static Tensor rows(Tensor x, int members) {
    return x.dim() == 3 ? x : x.unsqueeze(1).expand(new long[] {-1, members, -1}, false);
  }
}
