package io.trainyard.spec;

import io.trainyard.error.Violations;
import io.trainyard.tensor.Shape;
import java.util.Map;

/** Shapes, weights and counts of a network in pure Java, before anything is computed. */
public final class ShapeInference {
  private ShapeInference() {}

  /**
   * Infers every layer's shape.
   *
   * @param inputs the row shape of every network input
   * @param pointer the network's place in the body, for the violations
   */
  @SuppressWarnings("DoNotCallSuggester")
  public static NetworkShapes infer(
      NetworkSpec network, Map<String, Shape> inputs, String pointer, Violations violations) {
    throw new UnsupportedOperationException();
  }
}
