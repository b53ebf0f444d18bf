package io.trainyard.train.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the rows of a class are found among the others, by the threshold of its probability.
 *
 * @param area under the curve; NaN when it is not defined
 * @param points from (0, 0) to (1, 1); those on a straight line between others are left out
 */
public record RocCurve(double area, List<Point> points) {
  /** More points would not be seen. */
  private static final int MAX_POINTS = 100;

  public RocCurve {
    points = List.copyOf(points);
  }

  /**
   * One threshold.
   *
   * @param threshold rows with at least this score count as found; infinite for the first point
   */
  public record Point(double falsePositiveRate, double truePositiveRate, double threshold) {}

  /**
   * The curve of some rows. Source: {@code sklearn.metrics.roc_curve}.
   *
   * @param scores of the rows, with at least {@code count} numbers
   * @param positives whether each row is of the class
   */
  static RocCurve of(float[] scores, boolean[] positives, int count) {
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      if (Float.isNaN(scores[i])) {
        return new RocCurve(Double.NaN, List.of());
      }
      sorted[i] = (key(scores[i]) << 1) | (positives[i] ? 1 : 0);
    }
    Arrays.sort(sorted);
    return new Builder(sorted).curve();
  }

  /** An integer that sorts as the number does. */
  private static long key(float number) {
    int bits = Float.floatToIntBits(number + 0.0f);
    return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
  }

  private static float number(long key) {
    int bits = (int) key;
    return Float.intBitsToFloat(bits < 0 ? bits ^ Integer.MAX_VALUE : bits);
  }

  /** Walks from the highest score to the lowest. */
  private static final class Builder {
    private final long[] sorted;
    private final long all;
    private final long others;
    private final List<Point> points = new ArrayList<>();
    private double area;

    private Builder(long[] sorted) {
      this.sorted = sorted;
      all = Arrays.stream(sorted).map(row -> row & 1).sum();
      others = sorted.length - all;
    }

    private RocCurve curve() {
      if (all == 0 || others == 0) {
        return new RocCurve(Double.NaN, List.of());
      }
      long found = 0;
      long wrong = 0;
      long foundStep = 0;
      long wrongStep = 0;
      Point last = new Point(0, 0, Double.POSITIVE_INFINITY);
      for (int i = sorted.length - 1; i >= 0; ) {
        long key = sorted[i] >> 1;
        long newFound = 0;
        long newWrong = 0;
        while (i >= 0 && (sorted[i] >> 1) == key) {
          newFound += sorted[i] & 1;
          newWrong += 1 - (sorted[i] & 1);
          i--;
        }
        boolean straight = points.size() > 1 && newFound == foundStep && newWrong == wrongStep;
        if (!straight) {
          points.add(last);
        }
        area += (double) newWrong * (found + newFound / 2.0);
        found += newFound;
        wrong += newWrong;
        foundStep = newFound;
        wrongStep = newWrong;
        last = new Point((double) wrong / others, (double) found / all, number(key));
      }
      points.add(last);
      return new RocCurve(area / all / others, thinned());
    }

    /** Keeps the first point, the last, and those where the curve has gone on far enough. */
    private List<Point> thinned() {
      if (points.size() <= MAX_POINTS) {
        return points;
      }
      double step = 2.0 / (MAX_POINTS - 2);
      List<Point> kept = new ArrayList<>();
      double next = 0;
      for (Point point : points) {
        double way = point.falsePositiveRate() + point.truePositiveRate();
        if (way >= next) {
          kept.add(point);
          next = way + step;
        }
      }
      if (!kept.getLast().equals(points.getLast())) {
        kept.add(points.getLast());
      }
      return kept;
    }
  }
}
