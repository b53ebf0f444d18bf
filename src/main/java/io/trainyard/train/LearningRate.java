package io.trainyard.train;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import io.trainyard.spec.training.schedule.ScheduleSpec.ReduceOnPlateau;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The learning rate of every step. Only reductions on a plateau have state; a checkpoint stores it
 * as a tensor.
 */
final class LearningRate {
  private static final String NAME = "learning_rate";

  private final LearningRateSchedule schedule;
  private final double base;
  private final Map<String, MetricSpec> metrics;
  private final int accumulation;
  private final int epochs;
  private final long steps;
  private final @Nullable ReduceOnPlateau plateau;
  private double reduction = 1;
  private int stale;
  private double best = Double.NaN;

  /**
   * @param found the rate that a range test found; null: the optimizer's
   * @param epochs of the whole training
   * @param batches of an epoch
   * @param metrics by their names without the part of the data
   */
  LearningRate(
      TrainingSpec training,
      @Nullable Double found,
      int epochs,
      long batches,
      Map<String, MetricSpec> metrics) {
    this.metrics = metrics;
    schedule = training.schedule();
    base = found == null ? training.optimizer().learningRate() : found;
    accumulation = training.updates().accumulation();
    this.epochs = epochs;
    steps = (batches + accumulation - 1) / accumulation;
    plateau = schedule.shape() instanceof ReduceOnPlateau shape ? shape : null;
  }

  /**
   * The learning rate of the step that a batch belongs to.
   *
   * @param epoch from 1
   * @param batch in its epoch, from 0
   */
  double at(int epoch, long batch) {
    return reduction * schedule.rate(base, step(epoch, batch));
  }

  /** The step that a batch belongs to. */
  LearningRateSchedule.Step step(int epoch, long batch) {
    return new LearningRateSchedule.Step(epoch, epochs, batch / accumulation, steps);
  }

  /** Whether {@link #at} may differ between the batches of an epoch. */
  boolean changesIn(int epoch) {
    return !schedule.isConstantIn(epoch);
  }

  /** Adds the values of an epoch that has ended. */
  void add(int epoch, Map<String, Double> values) {
    if (plateau == null || epoch <= schedule.warmupEpochs()) {
      return;
    }
    Monitor monitor = Monitor.of(plateau.monitor(), null, metrics);
    double value = monitor.of(values);
    if (monitor.improves(value, Double.isNaN(best) ? null : best, plateau.minDelta())) {
      best = value;
      stale = 0;
      return;
    }
    stale++;
    if (stale >= plateau.patience()) {
      reduction *= plateau.factor();
      stale = 0;
    }
  }

  void putInto(Map<String, HostTensor> tensors) {
    if (plateau != null) {
      tensors.put(NAME, HostTensor.ofDoubles(Shape.of(3), reduction, stale, best));
    }
  }

  void restore(Checkpoint checkpoint) {
    HostTensor stored = checkpoint.tensors().get(NAME);
    if (stored != null && plateau != null) {
      reduction = stored.doubleAt(0);
      stale = (int) stored.doubleAt(1);
      best = stored.doubleAt(2);
    }
  }
}
