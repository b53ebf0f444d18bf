package io.trainyard.train.metric;

import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The metrics of all targets on one part of the data, over the batches added. */
public final class PartMetrics implements BatchObserver {
  private final Map<String, TargetMetrics> byTarget = new LinkedHashMap<>();

  /**
   * @param rows of the part
   */
  public PartMetrics(List<MeasuredTarget> targets, int rows) {
    Map<String, QuantilePair> pairs = QuantilePair.of(targets);
    for (MeasuredTarget target : targets) {
      String name = target.target();
      byTarget.put(name, new TargetMetrics(target, rows, pairs.get(name)));
    }
  }

  /** Whether some target has a metric. */
  public static boolean areNeeded(List<MeasuredTarget> targets) {
    return targets.stream().anyMatch(each -> !each.metrics().isEmpty());
  }

  /** Starts from no rows. */
  public void clear() {
    byTarget.values().forEach(TargetMetrics::clear);
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    add(objective.target(), output, target);
  }

  /** Adds a batch of one target. */
  public void add(String target, HostTensor output, HostTensor truth) {
    TargetMetrics metrics = byTarget.get(target);
    if (metrics == null) {
      throw new IllegalArgumentException("'" + target + "' is not a target of this training");
    }
    metrics.add(output, truth);
  }

  /** Puts each metric under its name, after a prefix for the part. */
  public void putInto(MeasuredValues values, String prefix) {
    byTarget.values().forEach(metrics -> metrics.putInto(values, prefix));
  }

  /** All sums, to store for {@link #restore}. */
  public Map<String, HostTensor> state() {
    Map<String, HostTensor> state = new LinkedHashMap<>();
    byTarget.forEach(
        (target, metrics) ->
            metrics.state().forEach((name, sums) -> state.put(target + "/" + name, sums)));
    return state;
  }

  /** Continues from stored sums. */
  public void restore(Map<String, HostTensor> stored) {
    byTarget.forEach(
        (target, metrics) -> {
          HostTensor old = stored.get(target);
          metrics.restore(
              old == null ? HostTensor.below(target + "/", stored) : OldSums.ofParts(old));
        });
  }
}
