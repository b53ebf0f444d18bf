package io.trainyard.spec.layer;

import java.util.Locale;

/** Layers of several inputs. */
public sealed interface MergeSpec extends LayerSpec {
  /** One behind the other along an axis; negative axes count from the end. */
  record Concat(int axis) implements MergeSpec {
    @Override
    public String type() {
      return "concat";
    }
  }

  /** Element by element over inputs of one shape. */
  record Elementwise(Operation operation) implements MergeSpec {
    @Override
    public String type() {
      return operation.name().toLowerCase(Locale.ROOT);
    }
  }

  /** The matrix product over the last two axes. */
  record Matmul() implements MergeSpec {
    @Override
    public String type() {
      return "matmul";
    }
  }

  enum Operation {
    ADD,
    /** The first less the second. */
    SUBTRACT,
    MULTIPLY,
    AVERAGE,
    MAXIMUM
  }
}
