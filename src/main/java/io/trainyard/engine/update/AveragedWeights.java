package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The exponential moving average of the weights: a ← d·a + (1 − d)·w, from w of the first step. */
final class AveragedWeights implements AutoCloseable {
  private static final String NAME = "average_weights";

  private final NativeHandles handles = new NativeHandles();
  private final Tensor weights;
  private final Tensor average;
  private final Tensor kept;
  private final double decay;

  AveragedWeights(Tensor weights, double decay) {
    this.weights = weights;
    this.decay = decay;
    try (PointerScope scope = new PointerScope()) {
      average = handles.keep(weights.clone());
      kept = handles.keep(torch.zeros_like(weights));
    }
  }

  /**
   * Adds the weights after a step.
   *
   * @param step from 1
   */
  void add(long step) {
    if (step == 1) {
      average.copy_(weights);
    } else {
      average.lerp_(weights, new Scalar(1 - decay));
    }
  }

  /** Puts the average in the place of the weights, until {@link #putBack}. */
  void putInPlace() {
    kept.copy_(weights);
    weights.copy_(average);
  }

  void putBack() {
    weights.copy_(kept);
  }

  void putInto(Map<String, HostTensor> state) {
    state.put(NAME, TensorConversion.toHost(average));
  }

  void restore(Map<String, HostTensor> state) {
    HostTensor stored = state.get(NAME);
    if (stored != null) {
      average.copy_(TensorConversion.view(stored));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
