package io.trainyard.train.metric;

import java.util.List;

/**
 * How far the predictions of a target's numbers are off, over all elements of all rows, in the
 * target's units. A residual is the true value less the predicted one.
 *
 * @param r2 the share of the variation that is explained; NaN when nothing varies
 * @param points some rows, evenly spaced over the part
 */
public record NumberReport(
    double mae,
    double rmse,
    double r2,
    double meanResidual,
    double stdResidual,
    List<Point> points) {
  public NumberReport {
    points = List.copyOf(points);
  }

  /**
   * One element.
   *
   * @param row its number in the dataset
   */
  public record Point(int row, double truth, double predicted) {}
}
