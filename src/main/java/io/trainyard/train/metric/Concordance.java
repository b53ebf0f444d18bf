package io.trainyard.train.metric;

import io.trainyard.engine.survival.SurvivalRows;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.Objects;

/** concordance, from the log risks of all rows. */
final class Concordance implements MetricPart {
  private final SurvivalRows rows = new SurvivalRows();

  @Override
  public String name() {
    return "concordance";
  }

  @Override
  public void clear() {
    rows.clear();
  }

  @Override
  public void add(RowBlock block) {
    double[] targets = block.truths();
    for (int i = 0; i < block.rows; i++) {
      rows.add(block.outputs[i], targets[2 * i], targets[2 * i + 1]);
    }
  }

  @Override
  public double value(MetricSpec metric) {
    return rows.concordance();
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return rows.hasFiniteRisks()
        ? "no two rows can be compared: one must have an event before the other's time"
        : MetricPart.super.whyUndefined(metric);
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(rows.toDoubles());
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    rows.restore(Objects.requireNonNull(stored.get("sums")).toDoubles());
  }
}
