package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightRules;

/** Layers in which each step of a sequence looks at all others. */
public sealed interface AttentionSpec extends LayerSpec {
  int heads();

  /**
   * softmax(q·kᵀ/√key_dim)·v per head, with linear maps before and after. Takes one input (self),
   * two (query; value, which is the key too) or three (query, value, key), each {@code [steps,
   * heads·key_dim]}. Source: torch.nn.MultiheadAttention, batch first.
   */
  record MultiHead(int heads, int keyDim, WeightRules rules) implements AttentionSpec {
    public MultiHead {
      requirePositive("heads", heads);
      requirePositive("key_dim", keyDim);
    }

    @Override
    public String type() {
      return "multi_head_attention";
    }
  }

  /**
   * x ← norm1(x + attention(x)); x ← norm2(x + linear2(relu(linear1(x)))). Source:
   * torch.nn.TransformerEncoderLayer, batch first, norms after, relu.
   *
   * @param ffDim units between linear1 and linear2
   * @param dropout on attention's weights, between the linear maps and before each sum
   */
  record TransformerEncoder(int heads, int ffDim, double dropout, WeightRules rules)
      implements AttentionSpec {
    /** PyTorch's, of both norms. */
    public static final double EPSILON = 1e-5;

    public TransformerEncoder {
      requirePositive("heads", heads);
      requirePositive("ff_dim", ffDim);
      if (!(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException("dropout must be in [0, 1), was " + dropout);
      }
    }

    @Override
    public String type() {
      return "transformer_encoder";
    }
  }

  private static void requirePositive(String name, int number) {
    if (number < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + number);
    }
  }
}
