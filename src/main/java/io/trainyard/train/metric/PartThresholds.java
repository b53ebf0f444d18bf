package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chooses the thresholds of the targets that ask for the best by a metric. */
public final class PartThresholds implements BatchObserver {
  private final Map<String, ThresholdChoice> choices = new LinkedHashMap<>();

  /**
   * @param rows of the part that they are chosen on
   */
  public PartThresholds(List<MeasuredTarget> targets, int rows) {
    for (MeasuredTarget target : targets) {
      if (target.decision().best() != null) {
        choices.put(target.target(), new ThresholdChoice(target, rows));
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
    if (choice != null) {
      choice.add(output, target);
    }
  }

  /** The rules with the chosen thresholds, by target. */
  public Map<String, Decision> chosen() {
    Map<String, Decision> chosen = new LinkedHashMap<>();
    choices.forEach((target, choice) -> chosen.put(target, choice.chosen()));
    return chosen;
  }
}
