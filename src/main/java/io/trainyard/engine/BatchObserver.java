package io.trainyard.engine;

import io.trainyard.tensor.HostTensor;

/** Sees what a batch gave, for metrics. */
@FunctionalInterface
public interface BatchObserver {
  /**
   * One objective's values; both tensors are valid during the call only.
   *
   * @param output [rows, ...]
   * @param truth [rows, ...], labels as integers
   */
  void batch(Objective objective, HostTensor output, HostTensor truth);
}
