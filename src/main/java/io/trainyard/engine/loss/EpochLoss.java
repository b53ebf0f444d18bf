package io.trainyard.engine.loss;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.Device;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The losses of an epoch's batches. On the CPU each is read at once. On another device a read waits
 * for all queued work: there they are added up, and the sum is read when it is asked for.
 */
public final class EpochLoss implements AutoCloseable {
  /** The length of {@link #sums}. */
  private static final int SUMS = 3;

  private final NativeHandles handles = new NativeHandles();
  private boolean readsEach;

  /** Σ rows·loss and the first step whose loss was not finite, of the steps that were not read. */
  private @Nullable Tensor unread;

  private double sum;
  private long rows;
  private long steps;
  private long firstNonFinite;

  public EpochLoss(Device device) {
    readsEach = device == Device.CPU;
  }

  public boolean readsEach() {
    return readsEach;
  }

  /** Reads each loss from now on, or none. */
  public void readEach(boolean each) {
    read();
    readsEach = each;
  }

  public void clear() {
    read();
    sum = 0;
    rows = 0;
    steps = 0;
    firstNonFinite = 0;
  }

  /** Adds a batch's loss; false when it is read and is not finite. */
  public boolean add(Tensor loss, int count) {
    steps++;
    rows += count;
    if (!readsEach) {
      addUnread(loss.detach().to(ScalarType.Double), count);
      return true;
    }
    double number = TensorConversion.number(loss);
    sum += number * count;
    boolean finite = Double.isFinite(number);
    if (!finite && firstNonFinite == 0) {
      firstNonFinite = steps;
    }
    return finite;
  }

  private void addUnread(Tensor loss, int count) {
    Tensor sums = unread;
    if (sums == null) {
      sums = handles.keep(loss.new_zeros(2));
      unread = sums;
    }
    Tensor first = sums.select(0, 1);
    Tensor isFirst = loss.isfinite().logical_not().logical_and(first.eq(new Scalar(0.0)));
    first.add_(isFirst.to(ScalarType.Double), new Scalar((double) steps));
    sums.select(0, 0).add_(loss, new Scalar((double) count));
  }

  private void read() {
    if (unread == null) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      double[] sums = TensorConversion.toHost(unread).toDoubles();
      sum += sums[0];
      if (firstNonFinite == 0) {
        firstNonFinite = (long) sums[1];
      }
      unread.zero_();
    }
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

  @Override
  public void close() {
    handles.close();
  }
}
