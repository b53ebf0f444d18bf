package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The largest norm that a step's gradient over all weights had in an epoch. It stays on the device,
 * because each read waits for all queued work.
 */
final class LargestGradient implements AutoCloseable {
  private final NativeHandles handles = new NativeHandles();
  private final Tensor gradient;
  private final Tensor largest;

  LargestGradient(Tensor gradient) {
    this.gradient = gradient;
    try (PointerScope scope = new PointerScope()) {
      largest = handles.keep(torch.zeros_like(gradient.norm()));
    }
  }

  /** Adds the current gradient, in the caller's scope and without autograd. */
  void add() {
    torch.maximum_out(largest, largest, gradient.norm());
  }

  double value() {
    return largest.item_double();
  }

  void set(double value) {
    try (PointerScope scope = new PointerScope()) {
      largest.fill_(new Scalar(value));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
