package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.CoreSpec;
import java.util.List;

/** Dense, activation, dropout and flatten. */
final class CoreNodes {
  private CoreNodes() {}

  static Value of(CoreSpec spec, Value x, LayerWriter to) {
    return switch (spec) {
      case CoreSpec.Dense dense -> {
        double factor = dense.factor(to.input().last());
        String scaled =
            factor == 1 ? to.toFloats(x) : to.multiply(to.toFloats(x), to.number(factor));
        yield new Value(linear(scaled, to.input().rank(), "weight", "bias", to), false);
      }
      // The graph applies the activation of every layer.
      case CoreSpec.Activation _ -> new Value(to.toFloats(x), false);
      case CoreSpec.Dropout _ -> x;
      case CoreSpec.Flatten _ -> x.as(to.node("Flatten", List.of(x.name())));
    };
  }

  /**
   * x·Wᵀ + b over the last axis.
   *
   * @param rank of a row
   */
  static String linear(String x, int rank, String weight, String bias, LayerWriter to) {
    boolean biased = to.has(bias);
    if (rank == 1) {
      List<String> inputs =
          biased ? List.of(x, to.weight(weight), to.weight(bias)) : List.of(x, to.weight(weight));
      return to.node("Gemm", inputs, Attribute.of("transB", 1L));
    }
    int out = to.shapeOf(weight).axis(0);
    int in = to.shapeOf(weight).axis(1);
    String transposed =
        to.computed(weight + ".T", transposed(to.elements(weight), 0, out, in), in, out);
    String product = to.node("MatMul", List.of(x, transposed));
    return biased ? to.add(product, to.weight(bias)) : product;
  }

  /** Rows of a matrix, as columns. */
  static float[] transposed(float[] matrix, int firstRow, int rows, int columns) {
    float[] transposed = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = matrix[(firstRow + row) * columns + column];
      }
    }
    return transposed;
  }
}
