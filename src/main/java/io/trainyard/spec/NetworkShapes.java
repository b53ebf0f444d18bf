package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@link ShapeInference} found for a whole network, the batch axis left out.
 *
 * @param indices the inputs that hold indices, as integers of 64 bits
 */
public record NetworkShapes(
    Map<String, Shape> inputs, Set<String> indices, Map<String, LayerShape> layers) {
  /** The most rows, bytes and multiply-adds of an evaluation that is larger than a batch. */
  private static final int CHEAP_ROWS = 256;

  private static final long CHEAP_BYTES = 64L << 20;
  private static final long CHEAP_MULTIPLY_ADDS = 10_000_000_000L;

  public NetworkShapes {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    indices = Set.copyOf(indices);
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  /** Whether the shapes of all layers are known. */
  public boolean isWholeOf(NetworkSpec network) {
    return layers.size() == network.layers().size();
  }

  /** The shapes of a part of the network, as far as they are known. */
  public NetworkShapes of(NetworkSpec part) {
    Map<String, LayerShape> kept = new LinkedHashMap<>();
    for (Layer layer : part.layers()) {
      LayerShape shape = layers.get(layer.name());
      if (shape != null) {
        kept.put(layer.name(), shape);
      }
    }
    Map<String, Shape> read = new LinkedHashMap<>(inputs);
    read.keySet().retainAll(part.inputNames());
    Set<String> indexed = new HashSet<>(indices);
    indexed.retainAll(part.inputNames());
    return new NetworkShapes(read, indexed, kept);
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

  /** Bytes of one encoded row of an input. */
  public long inputBytes(String input) {
    return Bytes.multiply(Bytes.ofFloats(of(input).elements()), indices.contains(input) ? 2 : 1);
  }

  /**
   * Bytes that training needs for one batch: the inputs, what each layer keeps, and twice the
   * largest workspace, for its values and their gradients; besides, the graph of operations.
   */
  public long batchBytes(long rows) {
    long graph =
        layers.values().stream()
            .mapToLong(layer -> layer.cost().graphBytes())
            .reduce(0, Bytes::add);
    return Bytes.add(Bytes.multiply(rowBytes(), rows), graph);
  }

  private long rowBytes() {
    long perRow = 0;
    for (String input : inputs.keySet()) {
      perRow = Bytes.add(perRow, inputBytes(input));
    }
    long workspace = 0;
    for (LayerShape layer : layers.values()) {
      perRow = Bytes.add(perRow, layer.batchBytes(1));
      workspace = Math.max(workspace, layer.workspaceBytes());
    }
    return Bytes.add(perRow, Bytes.multiply(workspace, 2));
  }

  /**
   * Rows that are evaluated at once: at least a batch, and more when that is cheap, because small
   * batches waste time.
   */
  public int evaluationRows(int batchSize) {
    long byBytes = CHEAP_BYTES / Math.max(1, rowBytes());
    long byTime = CHEAP_MULTIPLY_ADDS / Math.max(1, multiplyAdds());
    return Math.max(batchSize, (int) Math.min(CHEAP_ROWS, Math.min(byBytes, byTime)));
  }

  /**
   * Bytes that training needs for the weights, for any batch size.
   *
   * @param state the tensors that each weight has besides: the optimizer's state
   */
  public long weightBytes(int state) {
    return layers.values().stream()
        .mapToLong(layer -> layer.trainingBytes(state))
        .reduce(0, Bytes::add);
  }

  /** Multiply-adds of one row's forward pass; saturates. */
  public long multiplyAdds() {
    return layers.values().stream().mapToLong(LayerShape::multiplyAdds).reduce(0, Bytes::add);
  }

  /** Every stored tensor, in layer order. */
  public List<WeightSpec> weights() {
    return layers.values().stream().flatMap(layer -> layer.weights().stream()).toList();
  }
}
