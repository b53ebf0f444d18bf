package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.Metric;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Losses and metrics of a subset, computed as at prediction. */
final class Evaluator {
  private final TrainingSession session;
  private final List<Objective> objectives;
  private final List<Metric> metrics;
  private final Encoding encoding;
  private final int batch;

  /**
   * @param batch the rows evaluated at once
   */
  Evaluator(
      TrainingSession session,
      List<Objective> objectives,
      List<Metric> metrics,
      Encoding encoding,
      int batch) {
    this.session = session;
    this.objectives = objectives;
    this.metrics = metrics;
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
    ObjectiveMetrics sums = new ObjectiveMetrics(objectives, metrics, encoding);
    boolean hasMetrics = !metrics.isEmpty();
    double loss = 0;
    for (int from = 0; from < subset.rows(); from += batch) {
      if (!mayContinue.getAsBoolean()) {
        return false;
      }
      int count = Math.min(batch, subset.rows() - from);
      loss += count * session.evaluate(subset, from, count, hasMetrics ? sums : null);
    }
    values.put(prefix + "loss", loss / subset.rows());
    if (hasMetrics) {
      sums.putInto(values, prefix);
    }
    return true;
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
