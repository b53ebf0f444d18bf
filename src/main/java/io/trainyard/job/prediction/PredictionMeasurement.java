package io.trainyard.job.prediction;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.RowLosses;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import io.trainyard.train.metric.PartEvaluation;
import io.trainyard.train.metric.PartMetrics;
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
  private final SkippedRows left;
  private final int skipped;

  /** The places of the rows that are measured. */
  private final int[] measured;

  private final PartEvaluation report;
  private final PartMetrics metrics;
  private final Map<String, RowLosses> rowLosses = new LinkedHashMap<>();

  /**
   * @param left the rows that are not measured
   * @param skipped how many of them have no prediction
   */
  PredictionMeasurement(
      EvaluatedTargets targets,
      Encoding encoding,
      PreparedData data,
      SkippedRows left,
      int skipped) {
    this.left = left;
    this.skipped = skipped;
    this.targets = targets;
    this.encoding = encoding;
    this.data = data;
    this.measured =
        IntStream.range(0, data.training().rows()).filter(row -> !left.has(row)).toArray();
    int rows = measured.length;
    this.report = new PartEvaluation(targets.measured(), targets.labels(), rows);
    this.metrics = new PartMetrics(targets.measured(), rows);
  }

  void add(Map<String, HostTensor> outputs, int from, int count) {
    Subset rows = data.training();
    int[] kept = IntStream.range(0, count).filter(row -> !left.has(from + row)).toArray();
    if (kept.length == 0) {
      return;
    }
    double[] losses = new double[kept.length];
    for (MeasuredTarget target : targets.measured()) {
      String name = target.target();
      HostTensor truth =
          Objects.requireNonNull(rows.targets().get(name), name).rows(from, count).rows(kept);
      HostTensor output = outputs.get(Objects.requireNonNull(targets.outputs().get(name)));
      HostTensor predicted = encoding.means(name, Objects.requireNonNull(output).rows(kept));
      report.add(name, predicted, truth);
      metrics.add(name, predicted, truth);
      rowLosses.computeIfAbsent(name, _ -> new RowLosses(target)).addTo(losses, predicted, truth);
    }
    report.rowLosses(HostTensor.ofDoubles(Shape.of(kept.length), losses));
  }

  /**
   * What was measured.
   *
   * @param values the loss and the metrics, by name
   * @param json the whole evaluation; null when nothing could be compared, and a note says why
   */
  record Measured(MeasuredValues values, @Nullable String json) {
    /**
     * @param left the rows that were not measured
     * @param skipped how many of them have no prediction; the others have no target
     */
    static Measured of(Evaluation evaluation, SkippedRows left, int skipped) {
      // All rows are one part, which is none of a training's.
      ObjectNode json = evaluation.toJson().put("part", "all");
      if (skipped > 0) {
        json.put("skipped_rows", skipped);
      }
      if (left.count() > skipped) {
        json.put("rows_without_target", left.count() - skipped);
      }
      return new Measured(evaluation.measured(), json.toString());
    }

    /** Nothing. */
    static Measured none(@Nullable String why) {
      MeasuredValues values = new MeasuredValues();
      if (why != null) {
        values.putUndefined("loss", why);
      }
      return new Measured(values, null);
    }
  }

  /** The result, once all rows were added. */
  Measured measured() {
    MeasuredValues values = new MeasuredValues();
    values.putUndefined("loss", EvaluatedTargets.NO_LOSS);
    metrics.putInto(values, "");
    return Measured.of(report.of(Part.TRAINING, this::numbers, values).ofErrors(), left, skipped);
  }

  private int[] numbers(int[] places) {
    return data.rowNumbers(
        Part.TRAINING, Arrays.stream(places).map(place -> measured[place]).toArray());
  }
}
