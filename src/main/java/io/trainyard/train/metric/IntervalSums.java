package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How often intervals hold the true value, or sets the true class, and how wide they are. */
final class IntervalSums {
  /** More intervals in a picture would lie on one another. */
  private static final int MAX_POINTS = 1000;

  private final Interval interval;
  private double elements;
  private double held;
  private double widths;

  /** By count of classes in a set. */
  private long[] sizes = {};

  /** Of some elements: the row, the true value and the two ends. */
  private double[] points = {};

  private int kept;
  private long every = 1;

  IntervalSums(Interval interval) {
    this.interval = interval;
  }

  void clear() {
    elements = 0;
    held = 0;
    widths = 0;
    kept = 0;
    every = 1;
    Arrays.fill(sizes, 0);
  }

  /** Adds the rows of a target that is no half of a pair. */
  void add(MeasuredTarget target, RowBlock block, int firstRow) {
    switch (interval) {
      case Interval.Sets sets -> addSets(target, sets, block);
      case Interval.Around(_, _, List<Double> halfWidths) -> {
        if (halfWidths != null) {
          addNumbers(target, halfWidths, block, firstRow);
        }
      }
      case Interval.Between _ -> throw new IllegalStateException("two targets make it");
    }
  }

  private void addSets(MeasuredTarget target, Interval.Sets sets, RowBlock block) {
    double[] probabilities = block.probabilities();
    float[] shares = new float[Math.max(2, block.width)];
    if (sizes.length == 0) {
      sizes = new long[shares.length + 1];
    }
    for (int i = 0; i < block.positions; i++) {
      if (block.width == 1) {
        shares[1] = (float) probabilities[i];
        shares[0] = 1 - shares[1];
      } else {
        for (int k = 0; k < block.width; k++) {
          shares[k] = (float) probabilities[i * block.width + k];
        }
      }
      boolean[] members = sets.of(shares, target.decided(block, i));
      if (members == null) {
        return;
      }
      int size = 0;
      for (boolean member : members) {
        size += member ? 1 : 0;
      }
      elements++;
      held += members[block.label(i)] ? 1 : 0;
      widths += size;
      sizes[size]++;
    }
  }

  private void addNumbers(
      MeasuredTarget target, List<Double> halfWidths, RowBlock block, int firstRow) {
    double[] truths = block.truths();
    for (int i = 0; i < block.rows * block.rowElements; i++) {
      int element = i % block.rowElements;
      double unit = target.unit(element);
      double half = halfWidths.get(element % halfWidths.size());
      double truth = truths[i] * unit + target.offset(element);
      double predicted = block.outputs[i] * unit + target.offset(element);
      boolean within = error(target, element, truths[i], block.outputs[i]) <= half;
      add(firstRow + i / block.rowElements, truth, predicted - half, predicted + half, within);
    }
  }

  /** The score of a number: how far off it is, in the target's units. */
  static double error(MeasuredTarget target, int element, double truth, double output) {
    return Math.abs(truth - output) * Math.abs(target.unit(element));
  }

  /**
   * Adds the interval of one number.
   *
   * @param within whether it holds the true value, by the score that intervals are learned from
   */
  void add(int row, double truth, double low, double high, boolean within) {
    held += within ? 1 : 0;
    widths += high - low;
    if ((long) elements % every == 0) {
      if (kept == MAX_POINTS) {
        halve();
      }
      if ((long) elements % every == 0) {
        keep(row, truth, low, high);
      }
    }
    elements++;
  }

  /** Keeps every second point, as the points from now on. */
  private void halve() {
    for (int i = 0; i < kept / 2; i++) {
      System.arraycopy(points, 8 * i, points, 4 * i, 4);
    }
    kept /= 2;
    every *= 2;
  }

  private void keep(int row, double truth, double low, double high) {
    if (points.length == 0) {
      points = new double[4 * MAX_POINTS];
    }
    points[4 * kept] = row;
    points[4 * kept + 1] = truth;
    points[4 * kept + 2] = low;
    points[4 * kept + 3] = high;
    kept++;
  }

  /** The share that is held; NaN when there are no intervals. */
  double coverage() {
    return held / elements;
  }

  /** The mean width, or the mean count of classes in a set; NaN when there are no intervals. */
  double width() {
    return widths / elements;
  }

  /**
   * What an evaluation tells; null when there are no intervals.
   *
   * @param numbering gives rows of the part their numbers in the dataset
   */
  @Nullable IntervalReport report(UnaryOperator<int[]> numbering) {
    if (elements == 0) {
      return null;
    }
    int[] places = new int[kept];
    Arrays.setAll(places, i -> (int) points[4 * i]);
    int[] numbers = numbering.apply(places);
    List<IntervalReport.Point> drawn = new ArrayList<>();
    for (int i = 0; i < kept; i++) {
      drawn.add(
          new IntervalReport.Point(
              numbers[i], points[4 * i + 1], points[4 * i + 2], points[4 * i + 3]));
    }
    List<Long> bySize = Arrays.stream(sizes).boxed().toList();
    return new IntervalReport(coverage(), interval.coverage(), width(), drawn, bySize);
  }
}
