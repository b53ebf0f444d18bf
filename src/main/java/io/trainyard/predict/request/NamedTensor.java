package io.trainyard.predict.request;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;

/** A tensor of numbers or of texts under its name, as protocols of tensors send and answer them. */
public sealed interface NamedTensor {
  String name();

  /** The shape, with the batch axis first. */
  Shape shape();

  /** Numbers, or truth values. */
  record Numbers(String name, HostTensor tensor) implements NamedTensor {
    @Override
    public Shape shape() {
      return tensor.shape();
    }
  }

  /** Texts, row-major. */
  record Texts(String name, Shape shape, List<String> elements) implements NamedTensor {
    public Texts {
      elements = List.copyOf(elements);
    }
  }
}
