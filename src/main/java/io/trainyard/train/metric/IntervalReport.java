package io.trainyard.train.metric;

import java.util.List;

/**
 * How the intervals of numbers, or the sets of classes, do on the rows of an evaluation.
 *
 * @param coverage the share of true values in their intervals
 * @param wantedCoverage that was asked for
 * @param width the mean width, or the mean count of classes in a set
 * @param points some intervals, evenly spaced over the part; empty of sets
 * @param sizes the rows by the count of classes in their set, from 0; empty of intervals
 */
public record IntervalReport(
    double coverage, double wantedCoverage, double width, List<Point> points, List<Long> sizes) {
  public IntervalReport {
    points = List.copyOf(points);
    sizes = List.copyOf(sizes);
  }

  /**
   * The interval of one number.
   *
   * @param row its number in the dataset
   */
  public record Point(int row, double truth, double low, double high) {}
}
