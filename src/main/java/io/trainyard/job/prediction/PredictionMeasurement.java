package io.trainyard.job.prediction;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.error.Violations;
import io.trainyard.model.ModelVersion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.evaluation.EvaluatedTargets;
import io.trainyard.train.evaluation.RowLosses;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.PartEvaluation;
import io.trainyard.train.metric.PartMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Compares outputs with the targets of a dataset, batch by batch. */
final class PredictionMeasurement {
  private final Encoding encoding;
  private final EvaluatedTargets targets;
  private final PreparedData data;
  private final PartEvaluation report;
  private final PartMetrics metrics;
  private final Map<String, RowLosses> rowLosses = new LinkedHashMap<>();
  private double loss;

  /** Null when no output can be compared with its target. */
  static @Nullable PredictionMeasurement of(
      ModelVersion version, Encoding encoding, PreparedData data) {
    Violations violations = new Violations();
    EvaluatedTargets targets = EvaluatedTargets.of(version, encoding, null, violations);
    violations.throwIfAny();
    return targets.measured().isEmpty() ? null : new PredictionMeasurement(targets, encoding, data);
  }

  private PredictionMeasurement(EvaluatedTargets targets, Encoding encoding, PreparedData data) {
    this.targets = targets;
    this.encoding = encoding;
    this.data = data;
    int rows = data.training().rows();
    this.report = new PartEvaluation(targets.measured(), targets.labels(), rows);
    this.metrics = new PartMetrics(targets.measured(), rows);
  }

  void add(Map<String, HostTensor> outputs, int from, int count) {
    Subset rows = data.training();
    double[] losses = new double[count];
    for (MeasuredTarget target : targets.measured()) {
      String name = target.target();
      HostTensor truth = Objects.requireNonNull(rows.targets().get(name), name).rows(from, count);
      HostTensor output = outputs.get(Objects.requireNonNull(targets.outputs().get(name)));
      HostTensor predicted = encoding.means(name, Objects.requireNonNull(output));
      report.add(name, predicted, truth);
      metrics.add(name, predicted, truth);
      rowLosses.computeIfAbsent(name, _ -> new RowLosses(target)).addTo(losses, predicted, truth);
    }
    report.rowLosses(HostTensor.ofDoubles(Shape.of(count), losses));
    for (double each : losses) {
      loss += each;
    }
  }

  /**
   * What was measured.
   *
   * @param metrics the loss and the metrics, by name
   * @param json the whole evaluation
   */
  record Measured(Map<String, Double> metrics, String json) {}

  /** The result, once all rows were added. */
  Measured measured() {
    Map<String, Double> values = values();
    ObjectNode json =
        report.of(Part.TRAINING, places -> data.rowNumbers(Part.TRAINING, places), values).toJson();
    // All rows are one part, which is none of a training's.
    return new Measured(values, json.put("part", "all").toString());
  }

  private Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    double together = rowLosses.values().stream().mapToDouble(RowLosses::together).sum();
    values.put("loss", loss / data.training().rows() + together);
    metrics.putInto(values, "");
    return values;
  }
}
