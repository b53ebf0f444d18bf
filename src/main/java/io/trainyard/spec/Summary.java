package io.trainyard.spec;

import io.trainyard.spec.NetworkShapes.LayerShape;
import java.util.List;

/**
 * A network in numbers, as callers see it.
 *
 * @param layers one entry per layer, in the order they are computed
 * @param parameters what optimizers may change; running statistics are not counted
 * @param trainableParameters without the layers that are frozen
 * @param multiplyAdds for one row
 * @param bytes of all stored weights
 */
public record Summary(
    List<LayerSummary> layers,
    long parameters,
    long trainableParameters,
    long multiplyAdds,
    long bytes) {
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
      long multiplyAdds) {
    public LayerSummary {
      inputs = List.copyOf(inputs);
      outputShape = List.copyOf(outputShape);
    }

    static LayerSummary of(Layer layer, LayerShape shape) {
      return new LayerSummary(
          layer.name(),
          layer.spec().type(),
          layer.inputs(),
          shape.output().dims(),
          shape.formula(),
          shape.parameters(),
          layer.trainable(),
          shape.multiplyAdds());
    }
  }

  /** Counts what shape inference found; a layer it could not give a shape is left out. */
  public static Summary of(NetworkSpec network, NetworkShapes shapes) {
    List<LayerSummary> layers =
        network.layers().stream()
            .filter(layer -> shapes.layers().containsKey(layer.name()))
            .map(layer -> LayerSummary.of(layer, shapes.layer(layer.name())))
            .toList();
    return new Summary(
        layers,
        layers.stream().mapToLong(LayerSummary::parameters).sum(),
        layers.stream().filter(LayerSummary::trainable).mapToLong(LayerSummary::parameters).sum(),
        layers.stream().mapToLong(LayerSummary::multiplyAdds).sum(),
        shapes.weights().stream().mapToLong(WeightSpec::bytes).sum());
  }

  /** The table people read. */
  public String text() {
    return SummaryTable.of(this);
  }
}
