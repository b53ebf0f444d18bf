package io.trainyard.onnx.layer;

/**
 * A value of the graph.
 *
 * @param integers whether it holds indices, as integers of 64 bits, instead of floats
 */
public record Value(String name, boolean integers) {
  /** Another value of this type. */
  Value as(String other) {
    return new Value(other, integers);
  }
}
