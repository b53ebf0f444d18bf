package io.trainyard.spec.layer;

import io.trainyard.tensor.Shape;

/**
 * The two ends of a nested model. Between them its layers stand in the graph like all others, under
 * names such as {@code rnn/lstm_1}; both ends pass their input on as it is.
 */
public sealed interface NestedSpec extends LayerSpec {
  /** Separates a nested model's name from its layers' names. */
  char SEPARATOR = '/';

  /** Where a tensor enters: it must have the shape the nested model was made for. */
  record Entry(Shape expected) implements NestedSpec {
    @Override
    public String type() {
      return "model_input";
    }
  }

  /**
   * What the nested model gives, under the layer's own name.
   *
   * @param ref the version it comes from
   */
  record Exit(String ref) implements NestedSpec {
    @Override
    public String type() {
      return "model";
    }
  }

  /** The name of a nested model's layer among all layers. */
  static String name(String model, String layer) {
    return model + SEPARATOR + layer;
  }

  /** The name under which a layer's tensors are stored. */
  static String stored(String layer) {
    return layer.replace(SEPARATOR, '.');
  }
}
