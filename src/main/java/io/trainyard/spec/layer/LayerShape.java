package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Shape;
import java.util.List;

/**
 * Shapes, weights and costs of one layer. Shapes leave out the batch axis.
 *
 * @param weights the tensors it stores; empty when it shares another layer's
 * @param formula how output shape and parameter count are computed, with numbers
 * @param multiplyAdds for one row
 */
public record LayerShape(
    List<Shape> inputs, Shape output, List<WeightSpec> weights, String formula, long multiplyAdds) {
  private static final int FLOAT = 4;

  /** Weights, gradients, Adam's two moments, the best weights so far. */
  private static final int COPIES_OF_WEIGHTS = 5;

  /** The output, its gradient, and one more for an operation's working memory. */
  private static final int COPIES_OF_OUTPUTS = 3;

  public LayerShape {
    inputs = List.copyOf(inputs);
    weights = List.copyOf(weights);
  }

  public LayerShape withoutWeights() {
    return new LayerShape(inputs, output, List.of(), formula, multiplyAdds);
  }

  /** Bytes of the stored weights, which serving needs. */
  public long bytes() {
    return weights.stream().mapToLong(WeightSpec::bytes).reduce(0, Bytes::add);
  }

  /** Bytes that training needs for the weights, for any batch size. */
  public long trainingBytes() {
    return weights.stream()
        .mapToLong(weight -> Bytes.multiply(weight.shape().elements(), FLOAT * COPIES_OF_WEIGHTS))
        .reduce(0, Bytes::add);
  }

  /** Bytes that training needs for the outputs of a batch. */
  public long batchBytes(long rows) {
    return Bytes.multiply(Bytes.multiply(output.elements(), FLOAT * COPIES_OF_OUTPUTS), rows);
  }

  /** The number of trained weights. */
  public long parameters() {
    return weights.stream()
        .filter(WeightSpec::trained)
        .mapToLong(weight -> weight.shape().elements())
        .sum();
  }
}
