package io.trainyard.engine.layer;

import io.trainyard.engine.natives.Autocast;
import io.trainyard.engine.natives.NarrowLstm;
import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.RecurrentSpec;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Recurrent layers on libtorch's native kernels (oneDNN's for an LSTM). Dropout between stacked
 * layers is applied here: the native one draws from the process-wide generator.
 */
final class RecurrentModules {
  private static final String[] SLOTS = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};

  private RecurrentModules() {}

  static LayerModule of(RecurrentSpec spec, LayerWeights weights, long purpose) {
    TensorVector all = weights.keep(tensors(spec, weights, 0, spec.layers()));
    List<TensorVector> perLayer = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      perLayer.add(weights.keep(tensors(spec, weights, layer, 1)));
    }
    return (inputs, context) -> {
      Tensor x = spec.goBackwards() ? inputs[0].flip(1) : inputs[0];
      boolean dropout = context.draws() && spec.dropout() > 0 && spec.layers() > 1;
      Tensor states =
          dropout
              ? withDropout(spec, perLayer, x, context, purpose)
              : run(spec, all, spec.layers(), x);
      return spec.returnSequences() ? states : last(spec, states);
    };
  }

  private static TensorVector tensors(
      RecurrentSpec spec, LayerWeights weights, int first, int count) {
    TensorVector vector = new TensorVector();
    for (int layer = first; layer < first + count; layer++) {
      for (int direction = 0; direction < spec.directions(); direction++) {
        for (String slot : SLOTS) {
          vector.push_back(weights.tensor(slot + RecurrentSpec.suffix(layer, direction)));
        }
      }
    }
    return vector;
  }

  private static Tensor withDropout(
      RecurrentSpec spec,
      List<TensorVector> layers,
      Tensor x,
      ForwardContext context,
      long purpose) {
    Tensor states = x;
    for (int layer = 0; layer < layers.size(); layer++) {
      if (layer > 0) {
        states =
            CoreModules.dropout(
                states, spec.dropout(), context, LayerModules.purpose(purpose, layer));
      }
      states = run(spec, layers.get(layer), 1, states);
    }
    return states;
  }

  /** The top layer's state at every step, {@code [rows, steps, units·directions]}. */
  private static Tensor run(RecurrentSpec spec, TensorVector weights, int layers, Tensor x) {
    if (spec.cell() == RecurrentSpec.Cell.LSTM
        && x.is_cpu()
        && Autocast.isOnForProcessor()
        && !NarrowLstm.isSupported()) {
      try (Autocast _ = Autocast.pausedForProcessor()) {
        return compute(spec, weights, layers, x.to(ScalarType.Float));
      }
    }
    return compute(spec, weights, layers, x);
  }

  private static Tensor compute(RecurrentSpec spec, TensorVector weights, int layers, Tensor x) {
    Tensor zero = x.new_zeros((long) layers * spec.directions(), x.size(0), spec.units());
    // oneDNN keeps what the backward pass needs only when train is true.
    boolean train = GradMode.is_enabled();
    boolean both = spec.bidirectional();
    return switch (spec.cell()) {
      case LSTM ->
          torch
              .lstm(x, new TensorVector(zero, zero), weights, true, layers, 0, train, both, true)
              .get0();
      case GRU -> torch.gru(x, zero, weights, true, layers, 0, train, both, true).get0();
      case SIMPLE_RNN ->
          torch.rnn_tanh(x, zero, weights, true, layers, 0, train, both, true).get0();
    };
  }

  /** The final state of each direction: at the last step forward, at the first backward. */
  private static Tensor last(RecurrentSpec spec, Tensor states) {
    Tensor end = states.select(1, -1);
    if (!spec.bidirectional()) {
      return end;
    }
    Tensor start = states.select(1, 0);
    return torch.cat(
        new TensorVector(
            end.narrow(1, 0, spec.units()), start.narrow(1, spec.units(), spec.units())),
        1);
  }
}
