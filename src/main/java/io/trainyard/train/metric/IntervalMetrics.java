package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Interval;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * coverage and interval_width. Two quantiles have those of the interval between them. They are
 * measured when a training has ended, so no checkpoint holds them.
 */
final class IntervalMetrics implements MetricPart {
  private final MeasuredTarget target;
  private final @Nullable QuantilePair pair;
  private final @Nullable IntervalSums own;

  /**
   * @param pair that the target is one of; null: of none
   */
  IntervalMetrics(MeasuredTarget target, @Nullable QuantilePair pair) {
    this.target = target;
    this.pair = pair;
    Interval interval = target.interval();
    own =
        pair != null || interval == null || interval instanceof Interval.Between
            ? null
            : new IntervalSums(interval);
  }

  @Override
  public String name() {
    return "intervals";
  }

  @Override
  public void clear() {
    if (pair != null) {
      pair.clear();
    }
    if (own != null) {
      own.clear();
    }
  }

  @Override
  public void add(RowBlock block) {
    if (pair != null) {
      pair.add(target, block, 0);
    }
    if (own != null) {
      own.add(target, block, 0);
    }
  }

  @Override
  public double value(MetricSpec metric) {
    IntervalSums sums = pair == null ? own : pair.sums();
    boolean wide = ((MetricSpec.Standard) metric).metric() == Metric.INTERVAL_WIDTH;
    return sums == null ? Double.NaN : wide ? sums.width() : sums.coverage();
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return pair == null && own == null
        ? "There are no intervals for this target"
        : "The rows that intervals were learned on are too few for the coverage";
  }

  @Override
  public Map<String, HostTensor> state() {
    return Map.of();
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    // Nothing is stored.
  }
}
