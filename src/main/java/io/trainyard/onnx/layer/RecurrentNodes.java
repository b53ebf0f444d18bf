package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.RecurrentSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Recurrent layers. ONNX's operators read [steps, rows, in] and give [steps, directions, rows,
 * units]. Their gates lie in another order than PyTorch's: i, o, f, c for i, f, g, o, and z, r, h
 * for r, z, n, with the reset after the product (linear_before_reset).
 */
final class RecurrentNodes {
  private RecurrentNodes() {}

  static String of(RecurrentSpec spec, String x, LayerWriter to) {
    int steps = to.input().axis(0);
    String read = to.transpose(x, List.of(1, 0, 2));
    if (spec.goBackwards()) {
      read =
          to.node(
              "Slice",
              List.of(
                  read,
                  to.integers(-1),
                  to.integers(Long.MIN_VALUE),
                  to.integers(0),
                  to.integers(-1)));
    }
    int in = to.input().last();
    for (int layer = 0; layer < spec.layers(); layer++) {
      String states = stacked(spec, layer, in, read, to);
      in = spec.units() * spec.directions();
      if (layer == spec.layers() - 1 && !spec.returnSequences()) {
        return last(spec, states, steps, to);
      }
      // [steps, directions, rows, units] to [steps, rows, directions·units].
      read =
          to.node(
              "Reshape", List.of(to.transpose(states, List.of(0, 2, 1, 3)), to.integers(0, 0, in)));
    }
    return to.transpose(read, List.of(1, 0, 2));
  }

  private static String stacked(RecurrentSpec spec, int layer, int in, String x, LayerWriter to) {
    int directions = spec.directions();
    int rows = spec.cell().gates() * spec.units();
    float[] kernel = new float[directions * rows * in];
    float[] recurrent = new float[directions * rows * spec.units()];
    float[] bias = new float[directions * 2 * rows];
    for (int direction = 0; direction < directions; direction++) {
      String suffix = RecurrentSpec.suffix(layer, direction);
      reorder(spec, to.elements("weight_ih" + suffix), kernel, direction * rows * in);
      reorder(spec, to.elements("weight_hh" + suffix), recurrent, direction * rows * spec.units());
      reorder(spec, to.elements("bias_ih" + suffix), bias, direction * 2 * rows);
      reorder(spec, to.elements("bias_hh" + suffix), bias, (direction * 2 + 1) * rows);
    }
    List<String> inputs =
        List.of(
            x,
            to.computed("W_l" + layer, kernel, directions, rows, in),
            to.computed("R_l" + layer, recurrent, directions, rows, spec.units()),
            to.computed("B_l" + layer, bias, directions, 2 * rows));
    Attribute size = Attribute.of("hidden_size", (long) spec.units());
    Attribute direction =
        Attribute.of("direction", spec.bidirectional() ? "bidirectional" : "forward");
    return switch (spec.cell()) {
      case LSTM -> to.node("LSTM", inputs, size, direction);
      case GRU -> to.node("GRU", inputs, size, direction, Attribute.of("linear_before_reset", 1L));
      case SIMPLE_RNN -> to.node("RNN", inputs, size, direction);
    };
  }

  /** For each of ONNX's gates, the position of the same gate in PyTorch's weights. */
  private static int[] gates(RecurrentSpec.Cell cell) {
    return switch (cell) {
      case LSTM -> new int[] {0, 3, 1, 2};
      case GRU -> new int[] {1, 0, 2};
      case SIMPLE_RNN -> new int[] {0};
    };
  }

  /** Copies blocks of one gate each, in ONNX's order. */
  private static void reorder(RecurrentSpec spec, float[] from, float[] to, int at) {
    int[] gates = gates(spec.cell());
    int block = from.length / gates.length;
    for (int gate = 0; gate < gates.length; gate++) {
      System.arraycopy(from, gates[gate] * block, to, at + gate * block, block);
    }
  }

  /** The final state of each direction: at the last step forward, at the first backward. */
  private static String last(RecurrentSpec spec, String states, int steps, LayerWriter to) {
    String[] ends = new String[spec.directions()];
    for (int direction = 0; direction < ends.length; direction++) {
      String step =
          to.node(
              "Gather",
              List.of(states, to.integer(direction == 0 ? steps - 1L : 0L)),
              Attribute.of("axis", 0L));
      ends[direction] =
          to.node("Gather", List.of(step, to.integer(direction)), Attribute.of("axis", 0L));
    }
    return ends.length == 1
        ? ends[0]
        : to.node("Concat", Arrays.asList(ends), Attribute.of("axis", -1L));
  }
}
