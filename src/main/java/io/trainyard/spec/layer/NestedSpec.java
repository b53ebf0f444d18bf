package io.trainyard.spec.layer;

import io.trainyard.tensor.Shape;

/**
 * The two ends of a nested model. Both return their input. The nested model's layers lie between
 * them in the graph, with names such as {@code rnn/lstm_1}. {@code NestedReader} reads them, since
 * one layer of a spec becomes many.
 */
public sealed interface NestedSpec extends LayerSpec {
  /** Separates a nested model's name from its layers' names. */
  char SEPARATOR = '/';

  /** Where a tensor enters. It must have the shape the nested model was made for. */
  record Entry(Shape expected) implements NestedSpec {
    @Override
    public String type() {
      return "model_input";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      if (!inputs.only().equals(expected)) {
        String name = inputs.layer().name();
        throw new IllegalArgumentException(
            "Layer '%s' expects %s but '%s' gives %s"
                .formatted(
                    name.substring(0, name.lastIndexOf(SEPARATOR)),
                    expected,
                    inputs.firstName(),
                    inputs.only()));
      }
      return inputs.unchanged();
    }
  }

  /**
   * The nested model's one output, under the outer layer's name.
   *
   * @param ref the version it comes from
   */
  record Exit(String ref) implements NestedSpec {
    @Override
    public String type() {
      return "model";
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      return inputs.unchanged();
    }
  }

  /** The name of a nested model's layer among all layers. */
  static String name(String model, String layer) {
    return model + SEPARATOR + layer;
  }

  /** Whether a name is that of a nested model's layer. */
  static boolean isInner(String layer) {
    return layer.indexOf(SEPARATOR) >= 0;
  }

  /** Whether a path names a layer, or the nested model that it is in. */
  static boolean isWithin(String layer, String path) {
    return layer.equals(path) || layer.startsWith(path + SEPARATOR);
  }

  /** The name under which a layer's tensors are stored: {@code rnn.lstm_1}. */
  static String stored(String layer) {
    return layer.replace(SEPARATOR, '.');
  }
}
