package io.trainyard.job.prediction;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.SkippedRows;
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
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Compares outputs with the targets of a dataset, batch by batch. */
final class PredictionMeasurement {
  private final Encoding encoding;
  private final EvaluatedTargets targets;
  private final PreparedData data;
  private final SkippedRows skipped;

  /** The places of the rows that are measured. */
  private final int[] measured;

  private final PartEvaluation report;
  private final PartMetrics metrics;
  private final Map<String, RowLosses> rowLosses = new LinkedHashMap<>();
  private double loss;

  /** Null when no output can be compared with its target. */
  static @Nullable PredictionMeasurement of(
      ModelVersion version, Encoding encoding, PreparedData data, SkippedRows skipped) {
    Violations violations = new Violations();
    EvaluatedTargets targets = EvaluatedTargets.of(version, encoding, null, violations);
    violations.throwIfAny();
    return targets.measured().isEmpty() || skipped.count() == data.training().rows()
        ? null
        : new PredictionMeasurement(targets, encoding, data, skipped);
  }

  private PredictionMeasurement(
      EvaluatedTargets targets, Encoding encoding, PreparedData data, SkippedRows skipped) {
    this.skipped = skipped;
    this.targets = targets;
    this.encoding = encoding;
    this.data = data;
    this.measured =
        IntStream.range(0, data.training().rows()).filter(row -> !skipped.has(row)).toArray();
    int rows = measured.length;
    this.report = new PartEvaluation(targets.measured(), targets.labels(), rows);
    this.metrics = new PartMetrics(targets.measured(), rows);
  }

  void add(Map<String, HostTensor> outputs, int from, int count) {
    Subset rows = data.training();
    int[] kept = IntStream.range(0, count).filter(row -> !skipped.has(from + row)).toArray();
    if (kept.length == 0) {
      return;
    }
    double[] losses = new double[kept.length];
    for (MeasuredTarget target : targets.measured()) {
      String name = target.target();
      HostTensor truth =
          kept(Objects.requireNonNull(rows.targets().get(name), name).rows(from, count), kept);
      HostTensor output = outputs.get(Objects.requireNonNull(targets.outputs().get(name)));
      HostTensor predicted = encoding.means(name, kept(Objects.requireNonNull(output), kept));
      report.add(name, predicted, truth);
      metrics.add(name, predicted, truth);
      rowLosses.computeIfAbsent(name, _ -> new RowLosses(target)).addTo(losses, predicted, truth);
    }
    report.rowLosses(HostTensor.ofDoubles(Shape.of(kept.length), losses));
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
    ObjectNode json = report.of(Part.TRAINING, this::numbers, values).toJson();
    // All rows are one part, which is none of a training's.
    json.put("part", "all");
    if (skipped.count() > 0) {
      json.put("skipped_rows", skipped.count());
    }
    return new Measured(values, json.toString());
  }

  private int[] numbers(int[] places) {
    return data.rowNumbers(
        Part.TRAINING, Arrays.stream(places).map(place -> measured[place]).toArray());
  }

  /** Some rows of a tensor. */
  private static HostTensor kept(HostTensor tensor, int[] rows) {
    int all = tensor.shape().axis(0);
    if (rows.length == all) {
      return tensor;
    }
    HostTensor kept = HostTensor.allocate(tensor.type(), tensor.shape().row().batched(rows.length));
    long bytes = tensor.bytes() / all;
    for (int i = 0; i < rows.length; i++) {
      MemorySegment.copy(tensor.data(), rows[i] * bytes, kept.data(), i * bytes, bytes);
    }
    return kept;
  }

  private Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    double together = rowLosses.values().stream().mapToDouble(RowLosses::together).sum();
    values.put("loss", loss / measured.length + together);
    metrics.putInto(values, "");
    return values;
  }
}
