package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.array;
import static io.trainyard.spec.description.MemberSchema.object;
import static io.trainyard.spec.description.MemberSchema.text;

import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.tensor.Shape;

/**
 * The two ends of a nested model. Both return their input. The nested model's layers lie between
 * them in the graph, with names such as {@code rnn/lstm_1}. {@code NestedReader} reads them, since
 * one layer of a spec becomes many.
 */
public sealed interface NestedSpec extends LayerSpec {
  /** Separates a nested model's name from its layers' names. */
  char SEPARATOR = '/';

  @Override
  default boolean movesElements() {
    return true;
  }

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

  /** What callers are told of it. */
  static Family family() {
    return Family.of(
        "layer",
        "Models in models",
        Described.as("model", "Another model's version, with its weights, as one layer.")
            .formula("y = that network's output")
            .shape("that network's inputs → its output, or several by path")
            .names("a module within a module", "a model within a model", "networkLayer")
            .source("a copy of the weights is stored with the version")
            .member(
                "ref",
                text().with("pattern", "^[a-z0-9][a-z0-9._-]{0,62}@[a-z0-9][a-z0-9._-]{0,62}$"),
                "A version as model@number, model@alias or model@latest; pinned to a number when"
                    + " stored.")
            .member(
                "outputs",
                array(text()).with("minItems", 1),
                "Its layers that others read. Default: its outputs. A single one has the name of"
                    + " the layer; several are read as name/layer.")
            .member(
                "network",
                object(),
                "Filled in by the service when the version is pinned; leave it out.")
            .without("share")
            .required("ref")
            .input(4)
            .example("ref", "encoder@1")
            .example("trainable", false));
  }
}
