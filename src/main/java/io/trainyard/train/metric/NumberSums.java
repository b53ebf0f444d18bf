package io.trainyard.train.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Errors of a target's numbers, and some rows to draw. */
final class NumberSums implements TargetSums {
  /** More points would lie on one another. */
  private static final int MAX_POINTS = 1000;

  private final MeasuredTarget target;

  /** One of so many elements is kept. */
  private final long every;

  private final int[] rows;
  private final double[] truths;
  private final double[] predictions;
  private final RunningMoments truth = new RunningMoments();
  private final RunningMoments residual = new RunningMoments();
  private double absolutes;
  private double squares;
  private long elements;
  private int kept;

  /**
   * @param rows that will be added at most
   */
  NumberSums(MeasuredTarget target, int rows) {
    this.target = target;
    long all = rows * target.output().row().elements();
    every = Math.max(1, (all + MAX_POINTS - 1) / MAX_POINTS);
    int capacity = (int) Math.min(all, MAX_POINTS);
    this.rows = new int[capacity];
    truths = new double[capacity];
    predictions = new double[capacity];
  }

  @Override
  public void add(RowBlock block, int firstRow) {
    double[] given = block.truths();
    int count = block.rows * block.rowElements;
    for (int i = 0; i < count; i++) {
      int element = i % block.rowElements;
      double unit = target.unit(element);
      double value = given[i] * unit + target.offset(element);
      double predicted = block.outputs[i] * unit + target.offset(element);
      truth.add(value);
      residual.add(value - predicted);
      absolutes += Math.abs(value - predicted);
      squares += (value - predicted) * (value - predicted);
      if (elements++ % every == 0 && kept < rows.length) {
        rows[kept] = firstRow + i / block.rowElements;
        truths[kept] = value;
        predictions[kept++] = predicted;
      }
    }
  }

  /**
   * Nothing when nothing could be compared.
   *
   * @param numbering gives rows of the part their numbers in the dataset
   */
  Optional<NumberReport> report(UnaryOperator<int[]> numbering) {
    if (elements == 0) {
      return Optional.empty();
    }
    int[] numbers = numbering.apply(Arrays.copyOf(rows, kept));
    List<NumberReport.Point> points = new ArrayList<>();
    for (int i = 0; i < kept; i++) {
      points.add(new NumberReport.Point(numbers[i], truths[i], predictions[i]));
    }
    double variation = truth.squares();
    return Optional.of(
        new NumberReport(
            absolutes / elements,
            Math.sqrt(squares / elements),
            variation == 0 ? Double.NaN : 1 - squares / variation,
            residual.mean(),
            Math.sqrt(residual.squares() / elements),
            points));
  }

  /** Mean and variation of a stream of numbers. Source: Welford 1962. */
  private static final class RunningMoments {
    private double count;
    private double mean;
    private double squares;

    void add(double number) {
      count++;
      double delta = number - mean;
      mean += delta / count;
      squares += delta * (number - mean);
    }

    double mean() {
      return mean;
    }

    /** Σ (number − mean)². */
    double squares() {
      return squares;
    }
  }
}
