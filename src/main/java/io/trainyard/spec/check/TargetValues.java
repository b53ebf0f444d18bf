package io.trainyard.spec.check;

import io.trainyard.tensor.Shape;

/** What is known about the values of a target before training, for checking loss and output. */
public sealed interface TargetValues {
  /** Labels: the value of a row is the index of one of {@code count} classes. */
  record Classes(int count) implements TargetValues {}

  /** Numbers: each row has a tensor of this shape; a column of numbers is [1]. */
  record Numbers(Shape shape) implements TargetValues {}
}
