package io.trainyard.inspect.evaluation;

/** Student's t distribution, for whole degrees of freedom. */
final class StudentT {
  /** Larger than any t that is asked for: 12.7 holds 95 % with one degree of freedom. */
  private static final double MOST = 1e3;

  private StudentT() {}

  /** The t for which a share of the distribution lies in ±t. */
  static double within(double share, int degrees) {
    double low = 0;
    double high = MOST;
    while (true) {
      double middle = (low + high) / 2;
      if (middle == low || middle == high) {
        return middle;
      }
      if (share(middle, degrees) < share) {
        low = middle;
      } else {
        high = middle;
      }
    }
  }

  /** The share in ±t. Source: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4. */
  static double share(double t, int degrees) {
    double angle = Math.atan(t / Math.sqrt(degrees));
    double square = Math.cos(angle) * Math.cos(angle);
    boolean odd = degrees % 2 == 1;
    double term = odd ? Math.cos(angle) : 1;
    double sum = degrees == 1 ? 0 : term;
    for (int i = odd ? 3 : 2; i < degrees; i += 2) {
      term *= square * (i - 1) / i;
      sum += term;
    }
    double series = Math.sin(angle) * sum;
    return odd ? 2 / Math.PI * (angle + series) : series;
  }
}
