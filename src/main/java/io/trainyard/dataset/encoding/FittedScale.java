package io.trainyard.dataset.encoding;

import io.trainyard.spec.Scaling;
import java.util.Arrays;

/** A scaling with what it learned from the training rows. */
public sealed interface FittedScale {
  /** The scaled number. */
  double scale(double x);

  /** The straight line that it is, or that it follows in the middle of the rows. */
  Affine line();

  static FittedScale learn(Scaling scaling, Statistics statistics) {
    return switch (scaling) {
      case Scaling.None() -> Affine.IDENTITY;
      case Scaling.Standard() -> new Affine(statistics.mean(), statistics.spread(statistics.std()));
      case Scaling.MinMax() ->
          new Affine(
              statistics.min() / 2 + statistics.max() / 2,
              statistics.max() / 2 - statistics.min() / 2);
      case Scaling.Unit() ->
          new Affine(statistics.min(), statistics.spread(statistics.max() - statistics.min()));
      case Scaling.Divide(double by) -> new Affine(0, by);
      case Scaling.Robust() -> Robust.learn(statistics.sorted());
      case Scaling.Quantile() -> Quantile.learn(statistics.sorted());
    };
  }

  /**
   * y = (x − offset) / span. A span of 0 marks a constant column, which scales to 0 and unscales to
   * the constant.
   */
  record Affine(double offset, double span) implements FittedScale {
    static final Affine IDENTITY = new Affine(0, 1);

    @Override
    public double scale(double x) {
      return span == 0 ? 0 : (x - offset) / span;
    }

    double unscale(double y) {
      return y * span + offset;
    }

    @Override
    public Affine line() {
      return this;
    }
  }

  /**
   * z/√(1 + (z/3)²), where z is the number on a line: nearly z in the middle, never beyond ±3.
   * Source: Holzmüller et al. 2024, robust scaling and smooth clipping.
   */
  record Robust(Affine line) implements FittedScale {
    private static final double MOST = 3;

    static Robust learn(double[] sorted) {
      if (sorted.length == 0) {
        return new Robust(new Affine(0, 0));
      }
      double low = sorted[0];
      double high = sorted[sorted.length - 1];
      double span = Statistics.quantile(sorted, 0.75) - Statistics.quantile(sorted, 0.25);
      return new Robust(
          new Affine(Statistics.quantile(sorted, 0.5), span > 0 ? span : high / 2 - low / 2));
    }

    @Override
    public double scale(double x) {
      double z = line.scale(x);
      double y = z / Math.hypot(1, z / MOST);
      return Double.isFinite(y) ? y : Math.copySign(MOST, z);
    }
  }

  /**
   * The normal quantile of the number's rank among the training rows, between neighbours along a
   * line, clipped at ±5.199. Of equal quantiles the middle counts. Source:
   * sklearn.preprocessing.QuantileTransformer.
   *
   * @param quantiles at equal steps from the smallest number to the largest
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Quantile(double[] quantiles) implements FittedScale {
    /** As many quantiles are learned at most. */
    static final int MOST = 1_000;

    /** The normal quantile of 1 − 1e-7. */
    private static final double CLIP = 5.199337582605575;

    static Quantile learn(double[] sorted) {
      if (sorted.length == 0) {
        return new Quantile(new double[] {0});
      }
      double[] quantiles = new double[Math.min(MOST, sorted.length)];
      for (int i = 0; i < quantiles.length; i++) {
        double level = quantiles.length == 1 ? 0 : (double) i / (quantiles.length - 1);
        double quantile = Statistics.quantile(sorted, level);
        // Rounding must not break the order.
        quantiles[i] = i == 0 ? quantile : Math.max(quantile, quantiles[i - 1]);
      }
      return new Quantile(quantiles);
    }

    @Override
    public double scale(double x) {
      int last = quantiles.length - 1;
      if (quantiles[0] == quantiles[last]) {
        return 0;
      }
      if (Double.isNaN(x)) {
        return x;
      }
      if (x <= quantiles[0]) {
        return -CLIP;
      }
      if (x >= quantiles[last]) {
        return CLIP;
      }
      int low = first(x);
      double rank;
      if (quantiles[low] == x) {
        int high = low;
        while (quantiles[high + 1] == x) {
          high++;
        }
        rank = (low + high) / 2.0;
      } else {
        double below = quantiles[low - 1];
        rank = low - 1 + (x - below) / (quantiles[low] - below);
      }
      return Math.clamp(NormalQuantile.of(rank / last), -CLIP, CLIP);
    }

    /** The first quantile that is not below a number. */
    private int first(double x) {
      int from = 0;
      int to = quantiles.length - 1;
      while (from < to) {
        int middle = (from + to) >>> 1;
        if (quantiles[middle] < x) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }

    @Override
    public Affine line() {
      double low = Statistics.quantile(quantiles, 0.25);
      double high = Statistics.quantile(quantiles, 0.75);
      return new Affine(Statistics.quantile(quantiles, 0.5), high - low);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Quantile(double[] others) && Arrays.equals(quantiles, others);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(quantiles);
    }
  }
}
