package io.trainyard.train.metric;

/**
 * The temperature T that makes the negative log likelihood of softmax(z / T) smallest. In β = 1/T
 * it is convex, so its slope Σ (Σ p·z − z of the true class) has one root, which Newton's steps
 * find between two ends that close in on it.
 */
final class TemperatureFit {
  /** A temperature beyond this says nothing any more: all classes are alike. */
  private static final double HIGHEST = 100;

  private static final double LOWEST = 0.01;
  private static final int MAX_STEPS = 200;

  private final double[][] logits;
  private final int[] labels;

  /** Σ of the variances of z at the β of the last {@link #slope}. */
  private double curvature;

  /**
   * @param logits by row
   * @param labels the true class of each row
   */
  TemperatureFit(double[][] logits, int[] labels) {
    this.logits = logits;
    this.labels = labels;
  }

  /**
   * The temperature; not a number where there is none: every row is right, so that a lower one is
   * always better, or no row has logits that differ.
   */
  double temperature() {
    double low = 1 / HIGHEST;
    double high = 1 / LOWEST;
    double atHigh = slope(high);
    if (isRight() || Double.isNaN(atHigh)) {
      return Double.NaN;
    }
    if (atHigh <= 0) {
      return LOWEST;
    }
    if (slope(low) >= 0) {
      return HIGHEST;
    }
    double beta = 1;
    for (int step = 0; step < MAX_STEPS; step++) {
      double slope = slope(beta);
      if (slope < 0) {
        low = beta;
      } else {
        high = beta;
      }
      double next = beta - slope / curvature;
      if (!(next > low && next < high)) {
        next = Math.sqrt(low * high);
      }
      if (Math.abs(next - beta) <= 1e-12 * beta) {
        return 1 / next;
      }
      beta = next;
    }
    return 1 / beta;
  }

  /** Whether no row has a larger logit than that of its class. */
  private boolean isRight() {
    for (int row = 0; row < labels.length; row++) {
      for (double logit : logits[row]) {
        if (logit > logits[row][labels[row]]) {
          return false;
        }
      }
    }
    return true;
  }

  private double slope(double beta) {
    double slope = 0;
    double variance = 0;
    for (int row = 0; row < labels.length; row++) {
      double[] z = logits[row];
      double largest = Double.NEGATIVE_INFINITY;
      for (double logit : z) {
        largest = Math.max(largest, logit);
      }
      double sum = 0;
      double first = 0;
      double second = 0;
      for (double logit : z) {
        double below = logit - largest;
        double share = Math.exp(beta * below);
        sum += share;
        first += share * below;
        second += share * below * below;
      }
      double mean = first / sum;
      slope += mean - (z[labels[row]] - largest);
      variance += second / sum - mean * mean;
    }
    curvature = variance;
    return slope;
  }
}
