package io.trainyard.engine.loss;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The losses of an epoch's batches. On the CPU each is read at once. On another device they are
 * read together, because each read waits for all queued work.
 */
public final class EpochLoss implements AutoCloseable {
  /** The length of {@link #sums}. */
  private static final int SUMS = 3;

  private final Device device;
  private final List<Integer> unreadRows = new ArrayList<>();
  private NativeHandles unreadHandles = new NativeHandles();
  private final List<Tensor> unread = new ArrayList<>();
  private double sum;
  private long rows;
  private long steps;
  private long firstNonFinite;

  public EpochLoss(Device device) {
    this.device = device;
  }

  public void clear() {
    clearUnread();
    sum = 0;
    rows = 0;
    steps = 0;
    firstNonFinite = 0;
  }

  /** Adds a batch's loss; false when it is read and is not finite. */
  public boolean add(Tensor loss, int count) {
    if (device == Device.CPU) {
      return add(TensorConversion.number(loss), count);
    }
    unread.add(unreadHandles.keep(loss.detach()));
    unreadRows.add(count);
    return true;
  }

  private boolean add(double loss, int count) {
    steps++;
    rows += count;
    sum += loss * count;
    boolean finite = Double.isFinite(loss);
    if (!finite && firstNonFinite == 0) {
      firstNonFinite = steps;
    }
    return finite;
  }

  public double mean() {
    read();
    return sum / rows;
  }

  /** The first step whose loss was not finite, from 1; 0 when all were. */
  public long firstNonFinite() {
    read();
    return firstNonFinite;
  }

  /** The epoch's sums so far, for {@link #restore}. */
  public double[] sums() {
    read();
    return new double[] {sum, rows, steps};
  }

  /**
   * Continues an epoch.
   *
   * @param sums of several losses
   * @param index of this one
   */
  public void restore(double[] sums, int index) {
    clear();
    int at = index * SUMS;
    sum = sums[at];
    rows = (long) sums[at + 1];
    steps = (long) sums[at + 2];
  }

  private void read() {
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < unread.size(); i++) {
        HostTensor loss = TensorConversion.toHost(unread.get(i));
        add(loss.doubleAt(0), unreadRows.get(i));
      }
    }
    clearUnread();
  }

  private void clearUnread() {
    unreadHandles.close();
    unreadHandles = new NativeHandles();
    unread.clear();
    unreadRows.clear();
  }

  @Override
  public void close() {
    unreadHandles.close();
  }
}
