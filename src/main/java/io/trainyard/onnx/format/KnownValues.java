package io.trainyard.onnx.format;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a file itself says of the values that its operators read. */
final class KnownValues {
  private final Map<String, Constant> constants;
  private final Map<String, long[]> lists = new HashMap<>();
  private final Map<String, OnnxFile.Value> inputs;
  private final Map<String, OnnxFile.Value> inner;

  KnownValues(
      Map<String, Constant> initial,
      Map<String, OnnxFile.Value> inputs,
      Map<String, OnnxFile.Value> inner,
      List<Node> nodes) {
    this.inputs = inputs;
    this.inner = inner;
    constants = new HashMap<>(initial);
    for (Node node : nodes) {
      if (node.operator().equals("Constant") && !node.outputs().isEmpty()) {
        String output = node.outputs().getFirst();
        Constant constant = node.tensor("value");
        if (constant != null) {
          constants.put(output, constant);
        } else {
          lists.put(output, node.integers(node.has("value_int") ? "value_int" : "value_ints"));
        }
      }
    }
  }

  /** A constant; null when the value is computed. */
  @Nullable Constant constant(String name) {
    return constants.get(name);
  }

  /** The whole numbers of a constant; empty for any other value. */
  long[] integers(String name) {
    Constant constant = constants.get(name);
    return constant == null ? lists.getOrDefault(name, new long[0]) : constant.integers();
  }

  /** The length of a value's last axis; −1 when the file does not say it. */
  long lastAxis(String name) {
    Constant constant = constants.get(name);
    if (constant != null) {
      return constant.dims().isEmpty() ? -1 : constant.dims().getLast();
    }
    OnnxFile.Value value = inputs.getOrDefault(name, inner.get(name));
    return value == null || value.axes().isEmpty() ? -1 : value.axes().getLast().length();
  }
}
