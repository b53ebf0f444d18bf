package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Interval;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The interval between two targets of quantiles. Their rows come batch by batch, all of one target
 * before those of the other; what came first waits.
 */
final class QuantilePair {
  private final Interval.Between interval;
  private final String low;
  private final IntervalSums sums;

  /** The predictions that wait, each with how far the true value is outside of it. */
  private double[] waiting = new double[64];

  private boolean lowWaits;
  private int from;
  private int to;

  private QuantilePair(String low, Interval.Between interval) {
    this.low = low;
    this.interval = interval;
    sums = new IntervalSums(interval);
  }

  /** The pairs of which both targets are measured, by each of the two. */
  static Map<String, QuantilePair> of(List<MeasuredTarget> targets) {
    Map<String, QuantilePair> pairs = new LinkedHashMap<>();
    for (MeasuredTarget low : targets) {
      if (low.interval() instanceof Interval.Between between
          && targets.stream().anyMatch(each -> each.target().equals(between.high()))) {
        QuantilePair pair = new QuantilePair(low.target(), between);
        pairs.put(low.target(), pair);
        pairs.put(between.high(), pair);
      }
    }
    return pairs;
  }

  IntervalSums sums() {
    return sums;
  }

  void clear() {
    from = 0;
    to = 0;
    sums.clear();
  }

  /**
   * Adds rows of one of the two.
   *
   * @param firstRow the place of the block's first row in the part
   */
  void add(MeasuredTarget target, RowBlock block, int firstRow) {
    boolean isLow = target.target().equals(low);
    double[] truths = block.truths();
    for (int i = 0; i < block.rows; i++) {
      double predicted = block.outputs[i] * target.unit(0) + target.offset(0);
      double outside = outside(target, isLow, truths[i], block.outputs[i]);
      if (from == to || lowWaits == isLow) {
        keep(isLow, predicted, outside);
        continue;
      }
      double other = waiting[from];
      double otherOutside = waiting[from + 1];
      from += 2;
      Double margin = interval.margin();
      if (margin != null) {
        double truth = truths[i] * target.unit(0) + target.offset(0);
        double lower = isLow ? predicted : other;
        double upper = isLow ? other : predicted;
        double[] ends = Interval.Between.ends(lower, upper, margin);
        boolean within =
            Math.max(outside, otherOutside) <= margin
                || (lower - margin > upper + margin && truth >= ends[0] && truth <= ends[1]);
        sums.add(firstRow + i, truth, ends[0], ends[1], within);
      }
    }
  }

  /** The score of a number at one of the two: how far it is below the low or above the high. */
  static double outside(MeasuredTarget target, boolean isLow, double truth, double output) {
    return (isLow ? output - truth : truth - output) * target.unit(0);
  }

  private void keep(boolean isLow, double predicted, double outside) {
    if (from == to) {
      from = 0;
      to = 0;
    }
    lowWaits = isLow;
    if (to + 2 > waiting.length) {
      waiting = Arrays.copyOf(waiting, 2 * waiting.length);
    }
    waiting[to++] = predicted;
    waiting[to++] = outside;
  }
}
