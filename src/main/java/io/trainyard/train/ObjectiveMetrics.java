package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The metrics of all objectives, over the batches added. */
final class ObjectiveMetrics implements BatchObserver {
  private final List<Objective> objectives;
  private final TrainingSpec training;
  private final Map<String, MetricSums> sums = new HashMap<>();

  /**
   * @param training names the metrics of each target
   * @param encoding gives the units of the targets
   */
  ObjectiveMetrics(List<Objective> objectives, TrainingSpec training, Encoding encoding) {
    this.objectives = objectives;
    this.training = training;
    for (Objective objective : objectives) {
      String target = objective.target();
      sums.put(target, new MetricSums(objective, encoding.units(target)));
    }
  }

  /** Whether some target has a metric. */
  static boolean areNeeded(List<Objective> objectives, TrainingSpec training) {
    return objectives.stream().anyMatch(each -> !training.metrics(each.target()).isEmpty());
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    of(objective).add(output, target);
  }

  /** Puts each metric under its name, prefixed with the target's name if there are several. */
  void putInto(Map<String, Double> values, String prefix) {
    for (Objective objective : objectives) {
      String target = objectives.size() == 1 ? "" : objective.target() + "_";
      for (Metric metric : training.metrics(objective.target())) {
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
