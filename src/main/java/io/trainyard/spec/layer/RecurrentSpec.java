package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightRules;
import java.util.Locale;

/**
 * Reads a sequence {@code [steps, features]} one step after the other with PyTorch's cells: two
 * bias vectors, GRU with reset after the product. Source: torch.nn.RNN, LSTM and GRU.
 *
 * @param layers cells stacked on each other
 * @param returnSequences whether every step's state is given, or each direction's final one
 * @param dropout between stacked layers, while training
 * @param goBackwards reads the sequence from its end; its states then come in that order
 * @param recurrentInitializer of the kernels between states
 * @param forgetBias whether an LSTM's forget gates start open: their input bias at 1
 */
public record RecurrentSpec(
    Cell cell,
    int units,
    int layers,
    boolean bidirectional,
    boolean returnSequences,
    double dropout,
    boolean goBackwards,
    InitializerSpec recurrentInitializer,
    boolean forgetBias,
    WeightRules rules)
    implements LayerSpec {
  public RecurrentSpec {
    if (units < 1) {
      throw new IllegalArgumentException("units must be at least 1, was " + units);
    }
    if (layers < 1) {
      throw new IllegalArgumentException("layers must be at least 1, was " + layers);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), was " + dropout);
    }
  }

  /** What happens at each step. */
  public enum Cell {
    /** h = tanh(W·x + b + R·h + c). */
    SIMPLE_RNN(1),
    LSTM(4),
    GRU(3);

    private final int gates;

    Cell(int gates) {
      this.gates = gates;
    }

    /** Blocks of units rows that its kernels consist of. */
    public int gates() {
      return gates;
    }

    /** The layer's type as callers write it. */
    String type() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String type() {
    return cell.type();
  }

  public int directions() {
    return bidirectional ? 2 : 1;
  }

  /** The name's end of a stacked layer's weights in one direction: {@code _l0_reverse}. */
  public static String suffix(int layer, int direction) {
    return "_l" + layer + (direction == 0 ? "" : "_reverse");
  }
}
