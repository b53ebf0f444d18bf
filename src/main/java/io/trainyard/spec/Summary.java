package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.tensor.Bytes;
import java.util.List;

/**
 * Shapes and counts of a network.
 *
 * @param layers one entry per layer, in the order of computation
 * @param parameters weights, without running statistics
 * @param trainableParameters weights of layers that are not frozen
 * @param multiplyAdds multiply-adds for one row
 * @param bytes size of all stored tensors, which is what serving needs
 * @param trainingBytes estimate of the memory to train on one batch: weights, gradients, optimizer
 *     state, outputs with their gradients, inner values and the largest workspace; the dataset
 *     itself is not counted
 * @param trainingBatch the rows of that batch
 */
public record Summary(
    List<LayerSummary> layers,
    long parameters,
    long trainableParameters,
    long multiplyAdds,
    long bytes,
    long trainingBytes,
    int trainingBatch) {
  /** The default of {@code batch_size}. */
  private static final int DEFAULT_BATCH = 32;

  /** Adam's two moments: the default optimizer's state. */
  private static final int USUAL_STATE = 2;

  public Summary {
    layers = List.copyOf(layers);
  }

  /** One layer; its shape is without the batch axis. */
  public record LayerSummary(
      String name,
      String type,
      List<String> inputs,
      List<Integer> outputShape,
      String formula,
      long parameters,
      boolean trainable,
      long multiplyAdds,
      long bytes,
      long trainingBytes) {
    public LayerSummary {
      inputs = List.copyOf(inputs);
      outputShape = List.copyOf(outputShape);
    }

    static LayerSummary of(Layer layer, LayerShape shape, int batch) {
      return new LayerSummary(
          layer.name(),
          layer.spec().type(),
          layer.inputs(),
          shape.output().dims(),
          shape.formula(),
          shape.parameters(),
          layer.trainable(),
          shape.multiplyAdds(),
          shape.bytes(),
          Bytes.add(shape.trainingBytes(USUAL_STATE), shape.batchBytes(batch)));
    }
  }

  /** Sums up what shape inference found; a layer without a shape is left out. */
  public static Summary of(NetworkSpec network, NetworkShapes shapes) {
    return of(network, shapes, DEFAULT_BATCH);
  }

  /** As {@link #of(NetworkSpec, NetworkShapes)}, for a given batch size. */
  public static Summary of(NetworkSpec network, NetworkShapes shapes, int batch) {
    List<LayerSummary> layers =
        network.layers().stream()
            .filter(layer -> shapes.layers().containsKey(layer.name()))
            .map(layer -> LayerSummary.of(layer, shapes.layer(layer.name()), batch))
            .toList();
    return new Summary(
        layers,
        layers.stream().mapToLong(LayerSummary::parameters).sum(),
        layers.stream().filter(LayerSummary::trainable).mapToLong(LayerSummary::parameters).sum(),
        shapes.multiplyAdds(),
        layers.stream().mapToLong(LayerSummary::bytes).reduce(0, Bytes::add),
        Bytes.add(shapes.weightBytes(USUAL_STATE), shapes.batchBytes(batch)),
        batch);
  }

  /** A table as text. */
  public String text() {
    return SummaryTable.of(this);
  }
}
