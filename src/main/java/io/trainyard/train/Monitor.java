package io.trainyard.train;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec.Mode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A monitored value, and whether it should rise or fall.
 *
 * @param name as in an epoch's record
 */
record Monitor(String name, boolean rises) {
  /**
   * The monitor of a value.
   *
   * @param mode null: as the metric says; a loss falls
   * @param metrics by their names without the part of the data
   */
  static Monitor of(String name, @Nullable Mode mode, Map<String, MetricSpec> metrics) {
    if (mode != null) {
      return new Monitor(name, mode == Mode.MAX);
    }
    String plain = name.startsWith("val_") ? name.substring("val_".length()) : name;
    MetricSpec metric = metrics.containsKey(name) ? metrics.get(name) : metrics.get(plain);
    return new Monitor(name, metric != null && Boolean.TRUE.equals(metric.rises()));
  }

  /** The value of an epoch; NaN when it is not defined, as auc where all rows are of one class. */
  double of(Map<String, Double> values) {
    return values.getOrDefault(name, Double.NaN);
  }

  /** Whether a value is better than the best by more than delta; NaN never is. */
  boolean improves(double candidate, @Nullable Double best, double delta) {
    if (Double.isNaN(candidate)) {
      return false;
    }
    if (best == null || Double.isNaN(best)) {
      return true;
    }
    return rises ? candidate > best + delta : candidate < best - delta;
  }
}
