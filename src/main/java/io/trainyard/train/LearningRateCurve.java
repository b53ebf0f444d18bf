package io.trainyard.train;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The losses of a range test, and the rate that they suggest: where the smoothed loss falls most
 * steeply over the logarithm of the rate. The first ten points and the last are no candidates.
 *
 * <p>Smoothing: a ← 0.98·a + 0.02·loss from 0, divided by 1 − 0.98ⁿ. Slope: central differences, as
 * numpy.gradient. Source: lr_finder of PyTorch Lightning and fastai.
 *
 * @param suggestion null when the loss falls nowhere
 */
public record LearningRateCurve(@Nullable Double suggestion, List<Point> points) {
  static final double SMOOTHING = 0.98;
  private static final int SKIPPED_FIRST = 10;

  /** A fall by less than this share of the loss is rounding. */
  private static final double NOISE = 1e-6;

  public LearningRateCurve {
    points = List.copyOf(points);
  }

  /**
   * A step of the test.
   *
   * @param loss smoothed
   */
  public record Point(double learningRate, double loss) {}

  static LearningRateCurve of(List<Point> points) {
    List<Point> candidates = new ArrayList<>();
    if (points.size() > SKIPPED_FIRST) {
      candidates.addAll(points.subList(SKIPPED_FIRST, points.size() - 1));
    }
    Double best = null;
    double steepest =
        -NOISE * candidates.stream().mapToDouble(point -> Math.abs(point.loss())).max().orElse(0);
    for (int i = 0; i < candidates.size() && candidates.size() > 1; i++) {
      int left = Math.max(0, i - 1);
      int right = Math.min(candidates.size() - 1, i + 1);
      double slope = (candidates.get(right).loss() - candidates.get(left).loss()) / (right - left);
      if (slope < steepest) {
        steepest = slope;
        best = candidates.get(i).learningRate();
      }
    }
    return new LearningRateCurve(best, points);
  }
}
