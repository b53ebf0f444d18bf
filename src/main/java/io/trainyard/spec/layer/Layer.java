package io.trainyard.spec.layer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer in its place in the graph.
 *
 * @param inputs names of the layers or network inputs it reads
 * @param trainable whether training may change its weights; a layer that may not runs as at
 *     prediction
 * @param share the layer whose weights it uses, or null for its own
 * @param index its position in the caller's list, for pointers
 */
public record Layer(
    String name,
    LayerSpec spec,
    List<String> inputs,
    boolean trainable,
    @Nullable String share,
    int index) {
  public Layer {
    inputs = List.copyOf(inputs);
  }

  /** The layer under whose name the weights are stored. */
  public String weightsOwner() {
    return share == null ? name : share;
  }
}
