package io.trainyard.spec.check;

import io.trainyard.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** What is known about the values of a target before training, for checking loss and output. */
public sealed interface TargetValues {
  /** Labels: the value of a row is the index of one of {@code count} classes. */
  record Classes(int count) implements TargetValues {}

  /**
   * Numbers: each row has a tensor of this shape; a column of numbers is [1].
   *
   * @param range of the values before they are scaled; null when it is not known
   */
  record Numbers(Shape shape, @Nullable Range range) implements TargetValues {
    public Numbers(Shape shape) {
      this(shape, null);
    }
  }

  /** The smallest and the largest value. */
  record Range(double min, double max) {
    boolean isWithin(double low, double high) {
      return min >= low && max <= high;
    }
  }
}
