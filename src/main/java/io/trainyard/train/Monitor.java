package io.trainyard.train;

import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.TrainingSpec.Mode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A monitored value, and whether it should rise or fall.
 *
 * @param name as in an epoch's record
 */
record Monitor(String name, boolean rises) {
  static Monitor of(String name, @Nullable Mode mode) {
    return new Monitor(name, mode == null ? risesByName(name) : mode == Mode.MAX);
  }

  private static boolean risesByName(String name) {
    for (Metric metric : Metric.values()) {
      String metricName = metric.word();
      if (name.equals(metricName) || name.endsWith("_" + metricName)) {
        return metric.rises();
      }
    }
    return false;
  }

  /** The value of an epoch. */
  double of(Map<String, Double> values) {
    Double found = values.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "The monitored value is '" + name + "', but an epoch has only " + values.keySet());
    }
    return found;
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
