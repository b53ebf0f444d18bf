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
 * @param graphBytes what autograd stores for the operations themselves, for any number of rows
 */
public record LayerCost(long multiplyAdds, long workspaceBytes, long keptBytes, long graphBytes) {
  static final LayerCost NONE = of(0);

  /**
   * A node of autograd's graph, the headers of its tensors and their blocks. Measured with
   * recurrent layers of one unit, by the operation.
   */
  private static final long OPERATION_BYTES = 1200;

  static LayerCost of(long multiplyAdds) {
    return new LayerCost(multiplyAdds, 0, 0, 0);
  }

  /** This cost plus inner values that are needed during the forward pass alone. */
  LayerCost passing(long elements) {
    return with(Bytes.ofFloats(elements), 0, 0);
  }

  /** This cost plus inner values that training keeps. */
  LayerCost keeping(long elements) {
    return with(Bytes.ofFloats(elements), Bytes.ofFloats(elements), 0);
  }

  /** This cost plus inner values that exist only in training. */
  LayerCost keepingInTraining(long elements) {
    return with(0, Bytes.ofFloats(elements), 0);
  }

  /** This cost plus operations on tensors: layers of few have none counted. */
  LayerCost operations(long count) {
    return with(0, 0, Bytes.multiply(count, OPERATION_BYTES));
  }

  /** This cost plus more multiply-adds. */
  LayerCost plus(long more) {
    return new LayerCost(Math.addExact(multiplyAdds, more), workspaceBytes, keptBytes, graphBytes);
  }

  private LayerCost with(long workspace, long kept, long graph) {
    return new LayerCost(
        multiplyAdds,
        Bytes.add(workspaceBytes, workspace),
        Bytes.add(keptBytes, kept),
        Bytes.add(graphBytes, graph));
  }
}
