package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Shape;
import java.util.List;

/**
 * What {@code ShapeInference} found for one layer, the batch axis left out.
 *
 * @param weights what it stores; empty when it shares another layer's
 * @param formula the output shape's and parameter count's formula with the numbers filled in
 * @param multiplyAdds for one row
 */
public record LayerShape(
    List<Shape> inputs, Shape output, List<WeightSpec> weights, String formula, long multiplyAdds) {
  private static final int FLOAT = 4;

  /** Weights, gradients, two moments of Adam, the best so far. */
  private static final int COPIES_OF_WEIGHTS = 5;

  /** Each layer's output, its gradient, and as much again for what an operation works with. */
  private static final int COPIES_OF_OUTPUTS = 3;

  public LayerShape {
    inputs = List.copyOf(inputs);
    weights = List.copyOf(weights);
  }

  public LayerShape withoutWeights() {
    return new LayerShape(inputs, output, List.of(), formula, multiplyAdds);
  }

  /** Bytes of the stored weights: what serving takes. */
  public long bytes() {
    return weights.stream().mapToLong(WeightSpec::bytes).reduce(0, Bytes::add);
  }

  /** Bytes that training holds for the weights whatever the batch. */
  public long trainingBytes() {
    return weights.stream()
        .mapToLong(weight -> Bytes.multiply(weight.shape().elements(), FLOAT * COPIES_OF_WEIGHTS))
        .reduce(0, Bytes::add);
  }

  /** Bytes that training holds for the outputs of a batch. */
  public long batchBytes(long rows) {
    return Bytes.multiply(Bytes.multiply(output.elements(), FLOAT * COPIES_OF_OUTPUTS), rows);
  }

  public long parameters() {
    return weights.stream()
        .filter(WeightSpec::trained)
        .mapToLong(weight -> weight.shape().elements())
        .sum();
  }
}
