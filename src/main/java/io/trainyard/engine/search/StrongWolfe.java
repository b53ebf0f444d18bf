package io.trainyard.engine.search;

import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A search for a step length along a direction that meets the strong Wolfe conditions: the loss
 * falls by 1e-4 of what its slope promises, and the slope shrinks to a part of its size. It
 * brackets such a length, then narrows the bracket by cubic interpolation. Source:
 * torch.optim.lbfgs's _strong_wolfe; Nocedal and Wright, algorithms 3.5 and 3.6.
 *
 * <p>A loss that is not finite counts as too high, so that the search turns back from it.
 */
final class StrongWolfe {
  private static final double DECREASE = 1e-4;
  private static final int MAX_ITERATIONS = 25;

  private final Tensor weights;
  private final Tensor gradient;
  private final Tensor direction;
  private final Tolerance tolerance;
  private final DoubleSupplier evaluate;
  private final Tensor start;
  private int evaluations;
  private Point best;

  /**
   * When a search is good enough.
   *
   * @param curvature the part of its size that the slope may keep
   * @param smallChange a bracket in which no weight differs by more is not narrowed
   */
  record Tolerance(double curvature, double smallChange) {}

  /** A length with what was found there. */
  private record Point(double length, double loss, double slope, Tensor gradient) {}

  /** The weights are at length 0, the gradient is theirs. */
  StrongWolfe(
      Tensor weights,
      Tensor gradient,
      Tensor direction,
      Tolerance tolerance,
      DoubleSupplier evaluate) {
    this.weights = weights;
    this.gradient = gradient;
    this.direction = direction;
    this.tolerance = tolerance;
    this.evaluate = evaluate;
    start = weights.clone();
    best = new Point(0, Double.NaN, Double.NaN, gradient);
  }

  double length() {
    return best.length();
  }

  double loss() {
    return best.loss();
  }

  int evaluations() {
    return evaluations;
  }

  /** Leaves the weights at the length found, and the gradient theirs. */
  void search(double first, double loss, double slope) {
    Point zero = new Point(0, loss, slope, gradient.clone());
    best = search(first, zero);
    weights.copy_(start).add_(direction, new Scalar(best.length()));
    gradient.copy_(best.gradient());
  }

  private Point search(double first, Point zero) {
    Point previous = zero;
    Point current = at(first);
    int iteration = 0;
    while (iteration < MAX_ITERATIONS) {
      if (isTooHigh(current, zero) || (iteration > 1 && current.loss() >= previous.loss())) {
        return zoom(previous, current, zero, iteration);
      }
      if (isFlat(current, zero)) {
        return current;
      }
      if (current.slope() >= 0) {
        return zoom(previous, current, zero, iteration);
      }
      double length = current.length();
      double smallest = length + 0.01 * (length - previous.length());
      double next = cubicMinimum(previous, current, smallest, length * 10);
      free(previous, zero);
      previous = current;
      current = at(next);
      iteration++;
    }
    return current.loss() < zero.loss() ? current : zero;
  }

  private Point zoom(Point one, Point other, Point zero, int iterations) {
    double largest = direction.abs().max().item_double();
    Point first = one;
    Point second = other;
    boolean slow = false;
    for (int i = iterations; i < MAX_ITERATIONS; i++) {
      double low = Math.min(first.length(), second.length());
      double high = Math.max(first.length(), second.length());
      if ((high - low) * largest < tolerance.smallChange()) {
        break;
      }
      double length = cubicMinimum(first, second, low, high);
      double margin = 0.1 * (high - low);
      if (Math.min(high - length, length - low) < margin) {
        if (slow || length >= high || length <= low) {
          boolean nearHigh = Math.abs(length - high) < Math.abs(length - low);
          length = nearHigh ? high - margin : low + margin;
          slow = false;
        } else {
          slow = true;
        }
      } else {
        slow = false;
      }
      Point current = at(length);
      boolean firstIsLower = first.loss() <= second.loss() || Double.isNaN(second.loss());
      Point lower = firstIsLower ? first : second;
      Point higher = firstIsLower ? second : first;
      Point dropped;
      if (isTooHigh(current, zero) || current.loss() >= lower.loss()) {
        dropped = higher;
        higher = current;
      } else if (isFlat(current, zero)) {
        return current;
      } else {
        boolean rises = current.slope() * (higher.length() - lower.length()) >= 0;
        dropped = rises ? higher : lower;
        higher = rises ? lower : higher;
        lower = current;
      }
      free(dropped, zero);
      first = firstIsLower ? lower : higher;
      second = firstIsLower ? higher : lower;
    }
    return first.loss() <= second.loss() || Double.isNaN(second.loss()) ? first : second;
  }

  /** Frees the gradient of a point that is no longer needed. */
  private static void free(Point point, Point zero) {
    if (point.length() != zero.length()) {
      point.gradient().deallocate();
    }
  }

  private static boolean isTooHigh(Point point, Point zero) {
    return !(point.loss() <= zero.loss() + DECREASE * point.length() * zero.slope());
  }

  private boolean isFlat(Point point, Point zero) {
    return Math.abs(point.slope()) <= -tolerance.curvature() * zero.slope();
  }

  private Point at(double length) {
    weights.copy_(start).add_(direction, new Scalar(length));
    double loss = evaluate.getAsDouble();
    evaluations++;
    return new Point(length, loss, gradient.dot(direction).item_double(), gradient.clone());
  }

  /** The minimum of the cubic through two points with these slopes, within bounds. */
  private static double cubicMinimum(Point a, Point b, double low, double high) {
    double x = b.length() - a.length();
    double d1 = a.slope() + b.slope() - 3 * (a.loss() - b.loss()) / (a.length() - b.length());
    double square = d1 * d1 - a.slope() * b.slope();
    double minimum = (low + high) / 2;
    if (square >= 0) {
      double d2 = Math.sqrt(square);
      minimum =
          x >= 0
              ? b.length() - x * ((b.slope() + d2 - d1) / (b.slope() - a.slope() + 2 * d2))
              : a.length() + x * ((a.slope() + d2 - d1) / (a.slope() - b.slope() + 2 * d2));
    }
    return Double.isNaN(minimum) ? (low + high) / 2 : Math.clamp(minimum, low, high);
  }
}
