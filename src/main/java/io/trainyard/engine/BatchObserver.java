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

  /** Whether it gets the outputs as they are. */
  default boolean wantsOutputs() {
    return false;
  }

  /**
   * Called for each objective before {@link #batch}, with all that the output says: of a loss over
   * means and variances both.
   *
   * @param output [rows, ...], valid only during the call
   */
  default void output(Objective objective, HostTensor output) {}

  /** Whether it gets the loss of each row. */
  default boolean wantsRowLosses() {
    return false;
  }

  /**
   * Called after the objectives of a batch: Σ weight·loss over them for each row, without
   * regularization and without weights of rows.
   *
   * @param losses [rows], valid only during the call
   */
  default void rowLosses(HostTensor losses) {}
}
