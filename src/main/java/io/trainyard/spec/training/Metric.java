package io.trainyard.spec.training;

import io.trainyard.json.NameAdvice;
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

  /** The metrics of a target. */
  public static List<Metric> fitting(boolean classes, LossSpec loss) {
    return Arrays.stream(values()).filter(metric -> metric.fits(classes, loss)).toList();
  }

  /**
   * Whether it says something about a target. A class that is trained as the number 0 or 1 has
   * errors too, and numbers that are trained as probabilities are right or wrong.
   *
   * @param classes whether the target's values are labels
   */
  public boolean fits(boolean classes, LossSpec loss) {
    return this == ACCURACY ? classes || !loss.isRegression() : !classes || loss.isRegression();
  }

  /** The name in JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Metric> of(String word) {
    return Arrays.stream(values()).filter(metric -> metric.word().equals(word)).findFirst();
  }

  /** The name of the metric that somebody means by a word: {@code acc} is accuracy. */
  public static Optional<String> meant(String word) {
    return NameAdvice.meant(word, words());
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
