package io.trainyard.spec.layer;

import io.trainyard.tensor.Bytes;

/**
 * What computing one row of a layer takes, besides its inputs, its output and its weights. Sizes
 * saturate at {@link Long#MAX_VALUE}.
 *
 * @param multiplyAdds multiply-adds of the forward pass; for a layer without products, the
 *     additions or comparisons when they are more than one per output element
 * @param workspaceBytes inner values of the forward pass: padded copies, windows' indices, scores,
 *     nodes of an expression. At prediction they may be freed when the output is there
 * @param keptBytes the part of them, or more, that training keeps for the backward pass
 */
public record LayerCost(long multiplyAdds, long workspaceBytes, long keptBytes) {
  static final LayerCost NONE = new LayerCost(0, 0, 0);

  static LayerCost of(long multiplyAdds) {
    return new LayerCost(multiplyAdds, 0, 0);
  }

  /** This cost plus inner values that are needed during the forward pass alone. */
  LayerCost passing(long elements) {
    return new LayerCost(
        multiplyAdds, Bytes.add(workspaceBytes, Bytes.ofFloats(elements)), keptBytes);
  }

  /** This cost plus inner values that training keeps. */
  LayerCost keeping(long elements) {
    return new LayerCost(
        multiplyAdds,
        Bytes.add(workspaceBytes, Bytes.ofFloats(elements)),
        Bytes.add(keptBytes, Bytes.ofFloats(elements)));
  }

  /** This cost plus inner values that exist only in training. */
  LayerCost keepingInTraining(long elements) {
    return new LayerCost(
        multiplyAdds, workspaceBytes, Bytes.add(keptBytes, Bytes.ofFloats(elements)));
  }
}
