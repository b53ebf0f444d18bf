package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightRules;

/**
 * Each index becomes a row of a table: {@code [...]} of integers to {@code [..., dim]}. Source:
 * torch.nn.Embedding.
 *
 * @param vocabulary indices run from 0 to vocabulary − 1
 */
public record EmbeddingSpec(int vocabulary, int dim, WeightRules rules) implements LayerSpec {
  public EmbeddingSpec {
    if (vocabulary < 1) {
      throw new IllegalArgumentException("vocabulary must be at least 1, was " + vocabulary);
    }
    if (dim < 1) {
      throw new IllegalArgumentException("dim must be at least 1, was " + dim);
    }
  }

  @Override
  public String type() {
    return "embedding";
  }
}
