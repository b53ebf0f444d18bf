package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.RecurrentSpec;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Recurrent layers through libtorch's own loops over time (oneDNN's for an LSTM). Dropout between
 * stacked layers is ours: the native one draws from the process-wide generator.
 */
final class RecurrentModules {
  private static final String[] SLOTS = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};

  private RecurrentModules() {}

  static LayerModule of(RecurrentSpec spec, LayerWeights weights, long purpose) {
    TensorVector together = weights.keep(vector(spec, weights, 0, spec.layers()));
    List<TensorVector> single = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      single.add(weights.keep(vector(spec, weights, layer, 1)));
    }
    return (inputs, pass) -> {
      Tensor x = spec.goBackwards() ? inputs[0].flip(1) : inputs[0];
      boolean masks = pass.training() && spec.dropout() > 0 && spec.layers() > 1;
      Tensor states =
          masks ? masked(spec, single, x, pass, purpose) : run(spec, together, spec.layers(), x);
      return spec.returnSequences() ? states : last(spec, states);
    };
  }

  private static TensorVector vector(
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

  private static Tensor masked(
      RecurrentSpec spec, List<TensorVector> layers, Tensor x, ForwardContext pass, long purpose) {
    Tensor states = x;
    for (int layer = 0; layer < layers.size(); layer++) {
      if (layer > 0) {
        states =
            states.mul(
                CoreModules.mask(
                    states,
                    states.sizes().vec().get(),
                    spec.dropout(),
                    pass,
                    LayerModules.purpose(purpose, layer)));
      }
      states = run(spec, layers.get(layer), 1, states);
    }
    return states;
  }

  /** Every step's state of the top layer, {@code [rows, steps, units·directions]}. */
  private static Tensor run(RecurrentSpec spec, TensorVector weights, int layers, Tensor x) {
    Tensor zero =
        torch
            .zeros((long) layers * spec.directions(), x.size(0), spec.units())
            .to(x.device(), x.scalar_type());
    // oneDNN keeps what the backward pass needs only when told that there will be one.
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

  /** Each direction's own final state: the last step forwards, the first backwards. */
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
