package io.trainyard.engine.loss;

import org.bytedeco.pytorch.Tensor;

/** What becomes of the losses of a batch's elements. */
enum Averaging {
  /** Their mean, over each row and over the rows. */
  MEAN(1),
  /** They stay apart; the first axis is the rows, and a row's loss is the mean of its elements. */
  NONE(0);

  /** What libtorch calls it. */
  private final long reduction;

  Averaging(long reduction) {
    this.reduction = reduction;
  }

  long reduction() {
    return reduction;
  }

  Tensor of(Tensor elements) {
    return this == MEAN ? elements.mean() : elements;
  }
}
