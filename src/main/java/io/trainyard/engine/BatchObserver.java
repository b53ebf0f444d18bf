package io.trainyard.engine;

import io.trainyard.tensor.HostTensor;

/** Gets the outputs and targets of a batch, to compute metrics. */
@FunctionalInterface
public interface BatchObserver {
  /**
   * Called for each objective. Both tensors are valid only during the call.
   *
   * @param output [rows, ...]
   * @param target [rows, ...]; labels are integers
   */
  void batch(Objective objective, HostTensor output, HostTensor target);
}
