package io.trainyard.store.profile;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.store.profile.RedundantColumns.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of columns that may be linear functions of each other. A linear function keeps, or mirrors,
 * the smallest and the largest value in standard deviations from the mean. Columns lie in the cells
 * of a grid by these two numbers, so only columns of neighboring cells are compared.
 */
final class LinearCandidates {
  /** The largest difference of two columns' extremes, in standard deviations, to compare them. */
  private static final double TOLERANCE = 0.05;

  private final List<Point> points = new ArrayList<>();
  private final Map<Cell, List<Point>> grid = new HashMap<>();

  /** A column's extremes in standard deviations. */
  private record Point(int column, double low, double high) {
    boolean isNear(double otherLow, double otherHigh) {
      return Math.abs(low - otherLow) < TOLERANCE && Math.abs(high - otherHigh) < TOLERANCE;
    }
  }

  private record Cell(long low, long high) {}

  LinearCandidates(List<Column> columns, List<Integer> varied) {
    for (int i : varied) {
      Point point = point(i, columns.get(i).profile());
      if (point != null) {
        points.add(point);
        grid.computeIfAbsent(cell(point.low, point.high, 0, 0), cell -> new ArrayList<>())
            .add(point);
      }
    }
  }

  private static @Nullable Point point(int column, ColumnProfile profile) {
    Double mean = profile.mean();
    Double std = profile.std();
    if (mean == null
        || std == null
        || std == 0
        || profile.distinct() <= 2
        || !(profile.min() instanceof Number min)
        || !(profile.max() instanceof Number max)) {
      return null;
    }
    return new Point(column, (min.doubleValue() - mean) / std, (max.doubleValue() - mean) / std);
  }

  private static Cell cell(double low, double high, int lowStep, int highStep) {
    return new Cell(
        (long) Math.floor(low / TOLERANCE) + lowStep,
        (long) Math.floor(high / TOLERANCE) + highStep);
  }

  /** At most {@code limit} pairs; the column with the smaller index is first. */
  List<Pair> pairs(int limit, Predicate<Pair> wanted) {
    List<Pair> pairs = new ArrayList<>();
    for (Point point : points) {
      List<Integer> partners = new ArrayList<>();
      addNear(point.column, point.low, point.high, partners);
      addNear(point.column, -point.high, -point.low, partners);
      partners.stream()
          .distinct()
          .sorted()
          .map(partner -> new Pair(point.column, partner))
          .filter(wanted)
          .limit(limit - pairs.size())
          .forEach(pairs::add);
      if (pairs.size() == limit) {
        break;
      }
    }
    return pairs;
  }

  private void addNear(int column, double low, double high, List<Integer> partners) {
    for (int lowStep = -1; lowStep <= 1; lowStep++) {
      for (int highStep = -1; highStep <= 1; highStep++) {
        for (Point other : grid.getOrDefault(cell(low, high, lowStep, highStep), List.of())) {
          if (other.column > column && other.isNear(low, high)) {
            partners.add(other.column);
          }
        }
      }
    }
  }
}
