package io.trainyard.spec.check;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.TargetSpec;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
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

  /** A time and an event for each row. */
  record Survival() implements TargetValues {
    static final Shape SHAPE = Shape.of(2);
  }

  /**
   * What is known about the values of a phase's targets.
   *
   * @param known of the model's targets
   */
  static Map<String, TargetValues> of(
      ModelSpec phase, NetworkShapes shapes, Map<String, TargetValues> known) {
    Map<String, TargetValues> values = new LinkedHashMap<>();
    phase
        .targets()
        .forEach(
            (name, target) -> {
              TargetValues own = known.get(name);
              if (own != null) {
                values.put(name, own);
              } else if (target.source() instanceof TargetSpec.Source.Input(String input)) {
                Shape row = shapes.inputs().get(input);
                if (row != null) {
                  values.put(name, new Numbers(row));
                }
              }
            });
    return values;
  }

  /** The smallest and the largest value. */
  record Range(double min, double max) {
    boolean isWithin(double low, double high) {
      return min >= low && max <= high;
    }
  }
}
