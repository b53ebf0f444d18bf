package io.trainyard.spec.training;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is reported for each epoch in addition to the loss, in the units of the targets. */
public enum Metric {
  /** The share of rows whose predicted class is the true one. */
  ACCURACY,
  /** √(mean((prediction − target)²)). */
  RMSE,
  /** mean((prediction − target)²). */
  MSE,
  /** mean(|prediction − target|). */
  MAE,
  /**
   * 1 − Σ(prediction − target)² / Σ(target − mean target)² per output, then the mean over outputs.
   * Source: sklearn.metrics.r2_score with uniform_average.
   */
  R2;

  /** The name in JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Metric> of(String word) {
    return Arrays.stream(values()).filter(metric -> metric.word().equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Metric::word).toList();
  }

  /** Whether a larger value is better. */
  public boolean rises() {
    return switch (this) {
      case ACCURACY, R2 -> true;
      case RMSE, MSE, MAE -> false;
    };
  }
}
