package io.trainyard.engine.search;

import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** A step that computes the loss of its batch at several weights. */
public interface Search extends AutoCloseable {
  /**
   * Changes the weights, in the caller's scope. The gradient is that of the current weights. When
   * an exception ends it, the caller puts the weights back.
   *
   * @param loss at the current weights
   * @param evaluate computes loss and gradient at the weights as they then are
   */
  void step(double learningRate, double loss, DoubleSupplier evaluate);

  /** Whether another step would find nothing better. */
  default boolean isExhausted() {
    return false;
  }

  /**
   * The learning rate of the last step.
   *
   * @param given to that step
   */
  default double learningRate(double given) {
    return given;
  }

  /** Numbers that an epoch reports, in the order of the optimizer's {@code reported}. */
  default List<Double> values() {
    return List.of();
  }

  void putInto(Map<String, HostTensor> state);

  void restore(Map<String, HostTensor> state);

  @Override
  void close();
}
