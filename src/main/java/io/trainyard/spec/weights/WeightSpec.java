package io.trainyard.spec.weights;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;

/**
 * One stored tensor of a layer, named and laid out as in PyTorch.
 *
 * @param name with the layer's name in front: {@code fc1.weight}
 * @param trained whether an optimizer changes it; running statistics are stored and not trained
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
  /** Whether it multiplies inputs, as biases, scales and statistics do not. */
  public boolean isKernel() {
    return trained && shape.rank() >= 2;
  }

  public long bytes() {
    return shape.elements() * type.bytes();
  }
}
