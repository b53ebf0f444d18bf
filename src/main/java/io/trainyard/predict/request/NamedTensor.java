package io.trainyard.predict.request;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.BitSet;
import java.util.List;

/** A tensor of numbers or of texts under its name, as protocols of tensors send and answer them. */
public sealed interface NamedTensor {
  String name();

  /** The shape, with the batch axis first. */
  Shape shape();

  /** The places of the elements that are {@code null}. */
  BitSet missing();

  /** The same elements under another name. */
  NamedTensor as(String other);

  /**
   * Numbers, or truth values.
   *
   * @param type the type that was sent, which may be narrower than the tensor's
   * @param missing in floats, NaN stands there too
   * @param rounded the elements that were beyond the exact integers of the type, and now are not
   */
  record Numbers(String name, HostTensor tensor, DataType type, BitSet missing, BitSet rounded)
      implements NamedTensor {
    public Numbers(String name, HostTensor tensor, DataType type, BitSet missing) {
      this(name, tensor, type, missing, new BitSet(0));
    }

    public Numbers(String name, HostTensor tensor) {
      this(name, tensor, DataType.of(tensor.type()), new BitSet(0));
    }

    @Override
    public Shape shape() {
      return tensor.shape();
    }

    @Override
    public Numbers as(String other) {
      return new Numbers(other, tensor, type, missing, rounded);
    }

    /** The tensor with NaN for missing elements. */
    HostTensor withNaN() {
      if (missing.isEmpty()
          || tensor.type() == ElementType.FLOAT32
          || tensor.type() == ElementType.FLOAT64) {
        return tensor;
      }
      HostTensor floats = HostTensor.allocate(ElementType.FLOAT64, shape());
      for (int i = 0; i < shape().elements(); i++) {
        floats.setDouble(i, missing.get(i) ? Double.NaN : tensor.doubleAt(i));
      }
      return floats;
    }
  }

  /**
   * Texts, row-major.
   *
   * @param missing the text there says nothing
   */
  record Texts(String name, Shape shape, List<String> elements, BitSet missing)
      implements NamedTensor {
    public Texts {
      elements = List.copyOf(elements);
    }

    public Texts(String name, Shape shape, List<String> elements) {
      this(name, shape, elements, new BitSet(0));
    }

    @Override
    public Texts as(String other) {
      return new Texts(other, shape, elements, missing);
    }
  }
}
