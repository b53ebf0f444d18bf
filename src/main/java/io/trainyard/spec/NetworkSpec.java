package io.trainyard.spec;

import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph of layers with all defaults filled in. Each layer has a name, names its inputs and comes
 * after the layers it reads.
 *
 * @param inputs shapes of raw-tensor inputs by name, without the batch axis; empty for a model of
 *     columns, whose encoding decides the shapes
 * @param inputNames the names of all inputs, raw tensors or not, in order
 * @param outputs the names of the layers that are outputs of the network
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

  /**
   * Whether an input holds indices: whole numbers that only embeddings read, directly or as an
   * input of a nested model. Such an input is INT64, any other FLOAT32.
   */
  public boolean readsIndices(String input) {
    List<Layer> readers = layers.stream().filter(layer -> layer.inputs().contains(input)).toList();
    return !readers.isEmpty()
        && readers.stream()
            .allMatch(
                layer ->
                    layer.spec() instanceof EmbeddingSpec
                        || (layer.spec() instanceof NestedSpec.Entry
                            && readsIndices(layer.name())));
  }

  /** The layer of that name. */
  public Layer layer(String name) {
    return layers.stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no layer '" + name + "'"));
  }
}
