package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.Metric;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Losses and metrics of a part of the data, computed as at prediction. */
final class Evaluator {
  private static final int SMALLEST_BATCH = 256;

  private final TrainingSession session;
  private final List<Objective> objectives;
  private final List<Metric> metrics;
  private final Encoding encoding;
  private final int batch;

  Evaluator(
      TrainingSession session,
      List<Objective> objectives,
      List<Metric> metrics,
      Encoding encoding,
      int batchSize) {
    this.session = session;
    this.objectives = objectives;
    this.metrics = metrics;
    this.encoding = encoding;
    this.batch = Math.max(batchSize, SMALLEST_BATCH);
  }

  /**
   * Adds the part's loss and metrics under their names behind the prefix.
   *
   * @param mayGoOn asked before every batch
   * @return false when it was not gone through to the end; nothing is added then
   */
  boolean evaluate(
      ResidentSubset part, String prefix, Map<String, Double> values, BooleanSupplier mayGoOn) {
    ObjectiveMetrics measurement = new ObjectiveMetrics(objectives, metrics, encoding);
    boolean measured = !metrics.isEmpty();
    double sum = 0;
    for (int from = 0; from < part.rows(); from += batch) {
      if (!mayGoOn.getAsBoolean()) {
        return false;
      }
      int count = Math.min(batch, part.rows() - from);
      sum += count * session.evaluate(part, from, count, measured ? measurement : null);
    }
    values.put(prefix + "loss", sum / part.rows());
    if (measured) {
      measurement.putInto(values, prefix);
    }
    return true;
  }

  /** Predicted against true classes, by target; empty when nothing is classified. */
  Map<String, ConfusionMatrix> confusion(ResidentSubset part) {
    ConfusionCounts confusion = new ConfusionCounts();
    for (int from = 0; from < part.rows(); from += batch) {
      session.evaluate(part, from, Math.min(batch, part.rows() - from), confusion);
    }
    return confusion.matrices();
  }
}
