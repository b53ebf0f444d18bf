package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The losses of an epoch's batches. On the CPU each is read as it comes; on another device they
 * wait there, since reading one would wait for everything queued before it.
 */
final class EpochLoss implements AutoCloseable {
  private final Device device;
  private final List<Integer> waitingRows = new ArrayList<>();
  private NativeHandles waiting = new NativeHandles();
  private final List<Tensor> losses = new ArrayList<>();
  private double sum;
  private long rows;
  private long steps;
  private long firstNonFinite;

  EpochLoss(Device device) {
    this.device = device;
  }

  void clear() {
    forget();
    sum = 0;
    rows = 0;
    steps = 0;
    firstNonFinite = 0;
  }

  /** Adds a batch's loss; false when it is seen to be not finite. */
  boolean add(Tensor loss, int count) {
    if (device == Device.CPU) {
      return add(TensorConversion.element(loss), count);
    }
    losses.add(waiting.keep(loss.detach()));
    waitingRows.add(count);
    return true;
  }

  private boolean add(float loss, int count) {
    steps++;
    rows += count;
    sum += (double) loss * count;
    boolean finite = Float.isFinite(loss);
    if (!finite && firstNonFinite == 0) {
      firstNonFinite = steps;
    }
    return finite;
  }

  double mean() {
    read();
    return sum / rows;
  }

  /** The first step whose loss was not finite, from 1; 0 when all were. */
  long firstNonFinite() {
    read();
    return firstNonFinite;
  }

  /** What the epoch's steps so far come to, for {@link #restore}. */
  double[] sums() {
    read();
    return new double[] {sum, rows, steps};
  }

  void restore(double[] sums) {
    clear();
    sum = sums[0];
    rows = (long) sums[1];
    steps = (long) sums[2];
  }

  private void read() {
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < losses.size(); i++) {
        HostTensor loss = TensorConversion.toHost(losses.get(i));
        add(loss.floatAt(0), waitingRows.get(i));
      }
    }
    forget();
  }

  private void forget() {
    waiting.close();
    waiting = new NativeHandles();
    losses.clear();
    waitingRows.clear();
  }

  @Override
  public void close() {
    waiting.close();
  }
}
