package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.tensor.Bytes;
import java.util.List;

/**
 * A network in numbers, as callers see it.
 *
 * @param layers one entry per layer, in the order they are computed
 * @param parameters what optimizers may change; running statistics are not counted
 * @param trainableParameters without the layers that are frozen
 * @param multiplyAdds for one row
 * @param bytes of all stored weights, which serving holds
 * @param trainingBytes what training holds at most, about, for one batch: weights, gradients,
 *     optimizer state and the outputs with theirs; the rows themselves are not counted
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
  /** The batch size of a training that says nothing of it. */
  private static final int DEFAULT_BATCH = 32;

  public Summary {
    layers = List.copyOf(layers);
  }

  /** One layer; the shape leaves the batch axis out. */
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
          Bytes.add(shape.trainingBytes(), shape.batchBytes(batch)));
    }
  }

  /** Counts what shape inference found; a layer it could not give a shape is left out. */
  public static Summary of(NetworkSpec network, NetworkShapes shapes) {
    return of(network, shapes, DEFAULT_BATCH);
  }

  /** As {@link #of(NetworkSpec, NetworkShapes)}, for training on batches of that many rows. */
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
        layers.stream().mapToLong(LayerSummary::multiplyAdds).sum(),
        layers.stream().mapToLong(LayerSummary::bytes).reduce(0, Bytes::add),
        layers.stream().mapToLong(LayerSummary::trainingBytes).reduce(0, Bytes::add),
        batch);
  }

  /** The table people read. */
  public String text() {
    return SummaryTable.of(this);
  }
}
