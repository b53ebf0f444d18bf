package io.trainyard.spec.check;

import io.trainyard.tensor.Shape;

/** What is known of a target's values before training: enough to check the loss and the output. */
public sealed interface TargetValues {
  /** Labels; each row's value is the index of one of so many classes. */
  record Classes(int count) implements TargetValues {}

  /** Numbers of one shape per row; a plain column is [1]. */
  record Numbers(Shape shape) implements TargetValues {}
}
