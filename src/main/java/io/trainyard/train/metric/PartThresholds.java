package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Chooses the thresholds of the targets that ask for the best by a metric. */
public final class PartThresholds implements BatchObserver {
  private final Map<String, ThresholdChoice> choices = new LinkedHashMap<>();
  private final Map<String, MeasuredTarget> measured = new LinkedHashMap<>();
  private final Map<String, RowBlock> blocks = new LinkedHashMap<>();

  /**
   * @param rows of the part that they are chosen on
   */
  public PartThresholds(List<MeasuredTarget> targets, int rows) {
    for (MeasuredTarget target : targets) {
      Decision rule = target.decision();
      if (rule.best() != null) {
        Metric metric = Metric.of(rule.best()).orElseThrow();
        choices.put(target.target(), new ThresholdChoice(target, rule, metric, rows));
        measured.put(target.target(), target);
        blocks.put(target.target(), new RowBlock(target.output()));
      }
    }
  }

  /** Whether no target asks for one. */
  public boolean isEmpty() {
    return choices.isEmpty();
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    ThresholdChoice choice = choices.get(objective.target());
    RowBlock block = blocks.get(objective.target());
    if (choice == null || block == null) {
      return;
    }
    int rows = output.shape().dims().getFirst();
    int atOnce = RowBlock.rowsAtOnce(Math.toIntExact(output.shape().elements() / rows));
    for (int from = 0; from < rows; from += atOnce) {
      block.load(output, target, from, Math.min(atOnce, rows - from));
      Objects.requireNonNull(measured.get(objective.target())).hold(block);
      choice.add(block);
    }
  }

  /** The rules with the chosen thresholds, by target. */
  public Map<String, Decision> chosen() {
    Map<String, Decision> chosen = new LinkedHashMap<>();
    choices.forEach((target, choice) -> chosen.put(target, choice.chosen()));
    return chosen;
  }
}
