package io.trainyard.dataset.encoding;

import io.trainyard.spec.Scaling;

/**
 * A fitted scaling: y = (x − offset) / span. A span of 0 marks a constant column, which scales to 0
 * and unscales to the constant.
 */
record Affine(double offset, double span) {
  static final Affine IDENTITY = new Affine(0, 1);

  static Affine learn(Scaling scaling, Statistics statistics) {
    return switch (scaling) {
      case Scaling.None() -> IDENTITY;
      case Scaling.Standard() -> new Affine(statistics.mean(), statistics.spread(statistics.std()));
      case Scaling.MinMax() ->
          new Affine(
              statistics.min() / 2 + statistics.max() / 2,
              statistics.max() / 2 - statistics.min() / 2);
      case Scaling.Unit() ->
          new Affine(statistics.min(), statistics.spread(statistics.max() - statistics.min()));
      case Scaling.Divide(double by) -> new Affine(0, by);
    };
  }

  /** Whether the scaling must be fitted to rows. */
  static boolean learns(Scaling scaling) {
    return switch (scaling) {
      case Scaling.Standard _, Scaling.MinMax _, Scaling.Unit _ -> true;
      case Scaling.None _, Scaling.Divide _ -> false;
    };
  }

  double scale(double x) {
    return span == 0 ? 0 : (x - offset) / span;
  }

  double unscale(double y) {
    return y * span + offset;
  }
}
