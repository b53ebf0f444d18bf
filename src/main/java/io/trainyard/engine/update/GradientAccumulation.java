package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The mean of several batches' gradients, weighted by their rows. */
final class GradientAccumulation implements AutoCloseable {
  private static final String SUM = "accumulated";
  private static final String COUNTS = "accumulated_counts";

  private final NativeHandles handles = new NativeHandles();
  private final Tensor gradient;
  private final Tensor sum;
  private final int batches;
  private long rows;
  private long added;

  GradientAccumulation(Tensor gradient, int batches) {
    this.gradient = gradient;
    this.batches = batches;
    try (PointerScope scope = new PointerScope()) {
      sum = handles.keep(torch.zeros_like(gradient));
    }
  }

  /**
   * Adds the current gradient, and puts the mean in its place when there are enough.
   *
   * @param last whether no other batch follows
   * @return whether the gradient is the mean
   */
  boolean add(int count, boolean last) {
    sum.add_(gradient, new Scalar((double) count));
    rows += count;
    added++;
    if (added < batches && !last) {
      return false;
    }
    gradient.copy_(sum).div_(new Scalar((double) rows));
    sum.zero_();
    rows = 0;
    added = 0;
    return true;
  }

  void putInto(Map<String, HostTensor> state) {
    if (added > 0) {
      state.put(SUM, TensorConversion.toHost(sum));
      state.put(COUNTS, HostTensor.ofLongs(Shape.of(2), rows, added));
    }
  }

  void restore(Map<String, HostTensor> state) {
    HostTensor stored = state.get(SUM);
    HostTensor counts = state.get(COUNTS);
    if (stored != null && counts != null) {
      sum.copy_(TensorConversion.view(stored));
      rows = counts.longAt(0);
      added = counts.longAt(1);
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
