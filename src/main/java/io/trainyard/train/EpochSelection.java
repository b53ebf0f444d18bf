package io.trainyard.train;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.TrainingSpec.EarlyStopping;
import io.trainyard.spec.training.TrainingSpec.Publish;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Chooses the epoch whose weights are published, and decides early stopping. */
final class EpochSelection {
  private final @Nullable Monitor chosenBy;
  private final @Nullable EarlyStopping stopping;
  private final Map<String, MetricSpec> metrics;
  private @Nullable EpochRecord best;
  private @Nullable EpochRecord last;
  private int stale;
  private @Nullable Double stoppingBest;

  /**
   * @param metrics by their names without the part of the data
   */
  EpochSelection(TrainingSpec training, boolean validated, Map<String, MetricSpec> metrics) {
    this.metrics = metrics;
    chosenBy = chosenBy(training, validated, metrics);
    stopping = training.earlyStopping();
  }

  /** The monitor that chooses the published epoch; null: the last epoch. */
  private static @Nullable Monitor chosenBy(
      TrainingSpec training, boolean validated, Map<String, MetricSpec> metrics) {
    if (training.publishes(validated) == Publish.LAST) {
      return null;
    }
    EarlyStopping stopping = training.earlyStopping();
    String name = training.bestBy();
    return Monitor.of(
        name,
        stopping != null && stopping.monitor().equals(name) ? stopping.mode() : null,
        metrics);
  }

  /** Adds an epoch; true when its weights are the best so far. */
  boolean add(EpochRecord record) {
    last = record;
    updateStopping(record.values());
    EpochRecord before = best;
    boolean better =
        chosenBy == null
            || before == null
            || chosenBy.improves(chosenBy.of(record.values()), chosenBy.of(before.values()), 0);
    if (better) {
      best = record;
    }
    return better;
  }

  private void updateStopping(Map<String, Double> values) {
    if (stopping == null) {
      return;
    }
    Monitor monitor = Monitor.of(stopping.monitor(), stopping.mode(), metrics);
    double value = monitor.of(values);
    if (monitor.improves(value, stoppingBest, stopping.minDelta())) {
      stoppingBest = value;
      stale = 0;
    } else {
      stale++;
    }
  }

  /** Whether early stopping ends the training. */
  boolean isStale() {
    return stopping != null && stale >= stopping.patience();
  }

  /** The record of the epoch whose weights are published; null before the first. */
  @Nullable EpochRecord best() {
    return best;
  }

  @Nullable EpochRecord last() {
    return last;
  }

  Checkpoint.Position position(int epochs, long optimizerSteps, int threads, double seconds) {
    return new Checkpoint.Position(
        epochs, optimizerSteps, threads, seconds, best, last, stale, stoppingBest, List.of(), null);
  }

  void restore(Checkpoint.Position position) {
    best = position.best();
    last = position.lastValues();
    stale = position.stale();
    stoppingBest = position.stoppingBest();
  }
}
