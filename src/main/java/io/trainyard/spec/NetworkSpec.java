package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph of layers with every default filled in: each layer has a name and names its inputs, in an
 * order in which each comes after what it reads.
 *
 * @param inputs shapes of raw-tensor inputs by name, batch axis left out; empty when rows of
 *     columns are read, whose shapes the data decides
 * @param inputNames all input names, in order, whoever gives their shape
 * @param outputs the names of the layers whose outputs the network gives
 */
public record NetworkSpec(
    Map<String, Shape> inputs, List<String> inputNames, List<Layer> layers, List<String> outputs) {
  public NetworkSpec {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    inputNames = List.copyOf(inputNames);
    layers = List.copyOf(layers);
    outputs = List.copyOf(outputs);
  }

  /** The row shape of a raw-tensor input. */
  public Shape input(String name) {
    Shape shape = inputs.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("there is no raw-tensor input '" + name + "'");
    }
    return shape;
  }

  /** The layer of that name. */
  public Layer layer(String name) {
    return layers.stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no layer '" + name + "'"));
  }
}
