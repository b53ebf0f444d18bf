package io.trainyard.engine;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;

/**
 * Ends a training step between layers: forward by {@link #check}, backward as a hook that autograd
 * calls when the gradient of a layer's output is ready.
 */
final class StopHook extends VoidTensorHook {
  private final BooleanSupplier stopped;
  private boolean hit;

  StopHook(BooleanSupplier stopped) {
    this.stopped = stopped;
  }

  /** Whether a check has ended the step. libtorch turns the exception of a hook into its own. */
  boolean hit() {
    return hit;
  }

  /**
   * Asked before each layer.
   *
   * @throws CancellationException when the step shall end
   */
  void check() {
    if (hit || stopped.getAsBoolean()) {
      hit = true;
      throw new CancellationException("the training step was stopped");
    }
  }

  @Override
  public void call(TensorBase gradient) {
    check();
  }
}
