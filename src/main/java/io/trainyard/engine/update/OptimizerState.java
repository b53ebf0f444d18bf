package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What an optimizer remembers: how many steps it made, and tensors of the weights' layout. */
final class OptimizerState implements AutoCloseable {
  private static final String STEPS = "steps";

  private final NativeHandles handles = new NativeHandles();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Tensor weights;
  private final Tensor count;
  private long steps;

  /**
   * @param weights all weights, as one flat tensor
   */
  OptimizerState(Tensor weights) {
    this.weights = weights;
    this.count = handles.keep(torch.zeros(1).to(weights.device(), torch.ScalarType.Float));
  }

  NativeHandles handles() {
    return handles;
  }

  /** A tensor like all weights; new ones are filled with a number. */
  Tensor tensor(String name, double start) {
    return tensors.computeIfAbsent(
        name,
        _ -> {
          Tensor made = handles.keep(torch.zeros_like(weights));
          made.fill_(new Scalar(start));
          return made;
        });
  }

  /** Counts a step; the first is 1. */
  long next() {
    steps++;
    return steps;
  }

  long steps() {
    return steps;
  }

  /** The steps as a tensor, which fused kernels take. */
  Tensor count() {
    return count;
  }

  /** A copy by name. */
  Map<String, HostTensor> toHost() {
    Map<String, HostTensor> copy = new LinkedHashMap<>();
    copy.put(STEPS, HostTensor.ofLongs(Shape.of(1), steps));
    try (PointerScope scope = new PointerScope()) {
      tensors.forEach((name, tensor) -> copy.put(name, TensorConversion.toHost(tensor)));
    }
    return copy;
  }

  void restore(Map<String, HostTensor> stored) {
    HostTensor counted = stored.get(STEPS);
    steps = counted == null ? 0 : (long) counted.doubleAt(0);
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      tensors.forEach(
          (name, tensor) ->
              tensor.copy_(TensorConversion.view(Objects.requireNonNull(stored.get(name)))));
      guard.deallocate();
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
