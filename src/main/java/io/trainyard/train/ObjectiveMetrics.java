package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The metrics of all objectives, over the batches added. */
final class ObjectiveMetrics implements BatchObserver {
  private final List<Objective> objectives;
  private final List<Metric> metrics;
  private final Map<String, MetricSums> sums = new HashMap<>();

  /**
   * @param encoding gives the units of the targets
   */
  ObjectiveMetrics(List<Objective> objectives, List<Metric> metrics, Encoding encoding) {
    this.objectives = objectives;
    this.metrics = metrics;
    for (Objective objective : objectives) {
      String target = objective.target();
      sums.put(target, new MetricSums(objective, encoding.units(target)));
    }
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    of(objective).add(output, target);
  }

  /** Puts each metric under its name, prefixed with the target's name if there are several. */
  void putInto(Map<String, Double> values, String prefix) {
    for (Objective objective : objectives) {
      String target = objectives.size() == 1 ? "" : objective.target() + "_";
      for (Metric metric : metrics) {
        values.put(prefix + target + metric.word(), of(objective).value(metric));
      }
    }
  }

  /** All sums by target, to store for {@link #restore}. */
  Map<String, double[]> toArrays() {
    Map<String, double[]> arrays = new HashMap<>();
    sums.forEach((target, sum) -> arrays.put(target, sum.toArray()));
    return arrays;
  }

  void restore(String target, double[] stored) {
    MetricSums sum = sums.get(target);
    if (sum != null) {
      sum.restore(stored);
    }
  }

  private MetricSums of(Objective objective) {
    MetricSums found = sums.get(objective.target());
    if (found == null) {
      throw new IllegalArgumentException(
          "'" + objective.target() + "' is not a target of this training");
    }
    return found;
  }
}
