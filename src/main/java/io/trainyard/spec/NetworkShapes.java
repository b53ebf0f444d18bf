package io.trainyard.spec;

import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link ShapeInference} found for a whole network, the batch axis left out. */
public record NetworkShapes(Map<String, Shape> inputs, Map<String, LayerShape> layers) {
  public NetworkShapes {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  /** The shapes and weights of a layer. */
  public LayerShape layer(String name) {
    LayerShape layer = layers.get(name);
    if (layer == null) {
      throw new IllegalArgumentException("there is no layer '" + name + "'");
    }
    return layer;
  }

  /** The output shape of a layer or the shape of an input. */
  public Shape of(String name) {
    LayerShape layer = layers.get(name);
    Shape shape = layer == null ? inputs.get(name) : layer.output();
    if (shape == null) {
      throw new IllegalArgumentException("there is no layer or input '" + name + "'");
    }
    return shape;
  }

  /** Every stored tensor, in layer order. */
  public List<WeightSpec> weights() {
    return layers.values().stream().flatMap(layer -> layer.weights().stream()).toList();
  }
}
