package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fewer epochs that look the same in a plot: of each of some bins of equal width, the epochs with
 * the smallest and the largest value of a metric. A value that is no number is the largest.
 */
public final class ThinnedEpochs {
  private final int from;
  private final int to;
  private final int bins;
  private final @Nullable String metric;
  private final Consumer<EpochRecord> reader;
  private int bin = -1;
  private @Nullable EpochRecord least;
  private @Nullable EpochRecord most;

  /**
   * Thins the epochs from one to another, both included.
   *
   * @param bins at least as many as there are epochs: all are kept
   * @param metric whose extremes are kept; null: the validation loss, or the loss where there is
   *     none
   */
  public ThinnedEpochs(
      int from, int to, int bins, @Nullable String metric, Consumer<EpochRecord> reader) {
    this.from = from;
    this.to = to;
    this.bins = bins;
    this.metric = metric;
    this.reader = reader;
  }

  /** The next epoch; others than those are left out. */
  public void accept(EpochRecord epoch) {
    if (epoch.epoch() < from || epoch.epoch() > to) {
      return;
    }
    int next = (int) ((epoch.epoch() - from) * (long) bins / (to - from + 1L));
    if (next != bin) {
      finish();
      bin = next;
    }
    if (least == null || value(epoch) < value(least)) {
      least = epoch;
    }
    if (most == null || value(epoch) > value(most)) {
      most = epoch;
    }
  }

  private double value(EpochRecord epoch) {
    Map<String, Double> values = epoch.values();
    Double value = values.get(metric == null ? "val_loss" : metric);
    if (value == null && metric == null) {
      value = values.get("loss");
    }
    return value == null || value.isNaN() ? Double.POSITIVE_INFINITY : value;
  }

  /** Hands on what is left; no epoch comes any more. */
  public void finish() {
    EpochRecord first = least;
    EpochRecord second = most;
    least = null;
    most = null;
    if (first == null || second == null) {
      return;
    }
    if (first.epoch() == second.epoch()) {
      reader.accept(first);
    } else {
      reader.accept(first.epoch() < second.epoch() ? first : second);
      reader.accept(first.epoch() < second.epoch() ? second : first);
    }
  }
}
