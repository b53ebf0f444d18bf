package io.trainyard.engine.search;

import org.bytedeco.pytorch.Tensor;

/** A loss that is a sum of squared errors e of all rows and outputs, with their derivatives J. */
public interface SquaredErrors {
  /** The columns of J as positions in the flat tensor of all weights, [columns]. */
  Tensor columns();

  /** The number of errors. */
  long count();

  /** The sum of the squared errors where this is the loss. */
  double sum(double loss);

  /** The loss at the current weights. */
  double loss();

  /**
   * Adds JᵀJ and Jᵀe at the current weights.
   *
   * @param squares [columns, columns]
   * @param products [columns]
   */
  void addTo(Tensor squares, Tensor products);
}
