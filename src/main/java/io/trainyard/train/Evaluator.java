package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Losses and metrics of a subset, computed as at prediction. */
final class Evaluator {
  private final TrainingSession session;
  private final List<Objective> objectives;
  private final TrainingSpec training;
  private final Encoding encoding;
  private final int batch;

  /**
   * @param batch the rows evaluated at once
   */
  Evaluator(
      TrainingSession session,
      List<Objective> objectives,
      TrainingSpec training,
      Encoding encoding,
      int batch) {
    this.session = session;
    this.objectives = objectives;
    this.training = training;
    this.encoding = encoding;
    this.batch = batch;
  }

  /**
   * Adds the subset's loss and metrics, with a prefix before their names.
   *
   * @param mayContinue asked before every batch
   * @return false, with nothing added, when it may not continue
   */
  boolean evaluate(
      ResidentSubset subset,
      String prefix,
      Map<String, Double> values,
      BooleanSupplier mayContinue) {
    ObjectiveMetrics sums = new ObjectiveMetrics(objectives, training, encoding);
    boolean hasMetrics = ObjectiveMetrics.areNeeded(objectives, training);
    double[] losses = {};
    for (int from = 0; from < subset.rows(); from += batch) {
      if (!mayContinue.getAsBoolean()) {
        return false;
      }
      int count = Math.min(batch, subset.rows() - from);
      double[] batch = session.evaluate(subset, from, count, hasMetrics ? sums : null);
      losses = from == 0 ? new double[batch.length] : losses;
      for (int i = 0; i < losses.length; i++) {
        losses[i] += count * batch[i] / subset.rows();
      }
    }
    putLosses(losses, objectives, prefix, values);
    if (hasMetrics) {
      sums.putInto(values, prefix);
    }
    return true;
  }

  /**
   * Puts the loss, and those of the targets if there are several.
   *
   * @param losses all together, then each target's
   */
  static void putLosses(
      double[] losses, List<Objective> objectives, String prefix, Map<String, Double> values) {
    values.put(prefix + "loss", losses[0]);
    for (int i = 1; i < losses.length; i++) {
      values.put(prefix + objectives.get(i - 1).target() + "_loss", losses[i]);
    }
  }

  /** Confusion matrices by target; empty when no target has labels. */
  Map<String, ConfusionMatrix> confusion(ResidentSubset subset) {
    ConfusionCounts confusion = new ConfusionCounts();
    for (int from = 0; from < subset.rows(); from += batch) {
      session.evaluate(subset, from, Math.min(batch, subset.rows() - from), confusion);
    }
    return confusion.matrices();
  }
}
