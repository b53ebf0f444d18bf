package io.trainyard.spec.weights;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.List;

/**
 * One stored tensor of a layer, named and laid out as in PyTorch.
 *
 * @param name with the layer's name: {@code fc1.weight}
 * @param trained whether an optimizer changes it; running statistics are stored but not trained
 * @param fanIn inputs of one unit, for initializers
 * @param fanOut units one input reaches, for initializers
 */
public record WeightSpec(
    String name,
    ElementType type,
    Shape shape,
    boolean trained,
    InitializerSpec initializer,
    long fanIn,
    long fanOut) {
  /** Whether it is a kernel: not a bias, scale or statistic. */
  public boolean isKernel() {
    return trained && shape.rank() >= 2;
  }

  /** The same with another initializer. */
  public WeightSpec with(InitializerSpec other) {
    return new WeightSpec(name, type, shape, trained, other, fanIn, fanOut);
  }

  /** The same, starting at 0 where its layer has the default initializer. */
  public WeightSpec startingAtZero() {
    return initializer.equals(WeightRules.DEFAULT.initializer())
        ? with(new InitializerSpec.Constant(0))
        : this;
  }

  /** The number of elements of all these weights. */
  public static long elements(List<WeightSpec> weights) {
    return weights.stream().mapToLong(weight -> weight.shape().elements()).sum();
  }

  public long bytes() {
    return shape.elements() * type.bytes();
  }
}
