package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Shapes, weights and costs of one layer. Shapes leave out the batch axis.
 *
 * @param weights the tensors it stores; empty when it shares another layer's
 * @param formula how output shape and parameter count are computed, with numbers
 * @param cost of one row
 */
public record LayerShape(
    List<Shape> inputs, Shape output, List<WeightSpec> weights, String formula, LayerCost cost) {
  /**
   * Weights, gradients, the best weights so far; a gradient before it is added, and the copy that
   * is published.
   */
  private static final int COPIES_OF_WEIGHTS = 5;

  /** The output, its gradient, and one more for an operation's working memory. */
  private static final int COPIES_OF_OUTPUTS = 3;

  public LayerShape {
    inputs = List.copyOf(inputs);
    weights = List.copyOf(weights);
  }

  public LayerShape withoutWeights() {
    return new LayerShape(inputs, output, List.of(), formula, cost);
  }

  /** This layer with one more weight. */
  public LayerShape with(WeightSpec weight) {
    List<WeightSpec> all = new ArrayList<>(weights);
    all.add(weight);
    return new LayerShape(
        inputs,
        output,
        all,
        "%s; and %d of the activation".formatted(formula, weight.shape().elements()),
        cost);
  }

  /** This layer with inner values that training keeps. */
  LayerShape keeping(long elements) {
    return new LayerShape(inputs, output, weights, formula, cost.keeping(elements));
  }

  /** This layer with inner values that exist until the output is computed. */
  public LayerShape passing(long elements) {
    return new LayerShape(inputs, output, weights, formula, cost.passing(elements));
  }

  /** Multiply-adds of one row's forward pass. */
  public long multiplyAdds() {
    return cost.multiplyAdds();
  }

  /** Bytes of one row's output. */
  public long outputBytes() {
    return Bytes.ofFloats(output.elements());
  }

  /** Bytes of one row's inner values during the forward pass, the output excluded. */
  public long workspaceBytes() {
    return cost.workspaceBytes();
  }

  /** Bytes of the stored weights, which serving needs. */
  public long bytes() {
    return weights.stream().mapToLong(WeightSpec::bytes).reduce(0, Bytes::add);
  }

  /**
   * Bytes that training needs for the weights, for any batch size.
   *
   * @param state the tensors that each weight has besides: the optimizer's state
   */
  public long trainingBytes(int state) {
    return weights.stream()
        .mapToLong(
            weight ->
                Bytes.multiply(
                    Bytes.ofFloats(weight.shape().elements()), COPIES_OF_WEIGHTS + state))
        .reduce(0, Bytes::add);
  }

  /** Bytes that training keeps for the outputs and the inner values of a batch. */
  public long batchBytes(long rows) {
    long outputs = Bytes.multiply(outputBytes(), COPIES_OF_OUTPUTS);
    return Bytes.multiply(Bytes.add(outputs, cost.keptBytes()), rows);
  }

  /** The number of trained weights. */
  public long parameters() {
    return weights.stream()
        .filter(WeightSpec::trained)
        .mapToLong(weight -> weight.shape().elements())
        .sum();
  }
}
