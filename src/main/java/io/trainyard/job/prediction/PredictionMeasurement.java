package io.trainyard.job.prediction;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.ComparedOutputs;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.MeasuredForms;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredValues;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Compares outputs with the targets of a dataset, batch by batch. */
final class PredictionMeasurement {
  private final Encoding encoding;
  private final PreparedData data;
  private final SkippedRows left;
  private final int skipped;

  /** The places of the rows that are measured. */
  private final int[] measured;

  private final ComparedOutputs compared;

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
    this.encoding = encoding;
    this.data = data;
    this.measured =
        IntStream.range(0, data.training().rows()).filter(row -> !left.has(row)).toArray();
    this.compared = ComparedOutputs.evaluating(targets, measured.length);
  }

  void add(Map<String, HostTensor> outputs, int from, int count) {
    Subset rows = data.training();
    int[] kept = IntStream.range(0, count).filter(row -> !left.has(from + row)).toArray();
    if (kept.length == 0) {
      return;
    }
    compared.add(
        kept.length,
        encoding,
        output -> Objects.requireNonNull(outputs.get(output)).rows(kept),
        target ->
            Objects.requireNonNull(rows.targets().get(target), target)
                .rows(from, count)
                .rows(kept));
  }

  /**
   * What was measured.
   *
   * @param values the loss and the metrics, by name
   * @param forms of the values
   * @param json the whole evaluation; null when nothing could be compared, and a note says why
   */
  record Measured(MeasuredValues values, MeasuredForms forms, @Nullable String json) {
    /**
     * @param left the rows that were not measured
     * @param skipped how many of them have no prediction; the others have no target
     */
    static Measured of(Evaluation evaluation, SkippedRows left, int skipped) {
      ObjectNode json = evaluation.toJsonOfAll();
      if (skipped > 0) {
        json.put("skipped_rows", skipped);
      }
      if (left.count() > skipped) {
        json.put("rows_without_target", left.count() - skipped);
      }
      return new Measured(
          evaluation.measured(),
          new MeasuredForms(Map.of("", evaluation.ofAll()), Map.of()),
          json.toString());
    }

    /** Nothing. */
    static Measured none(@Nullable String why) {
      MeasuredValues values = new MeasuredValues();
      if (why != null) {
        values.putUndefined("loss", why);
      }
      return new Measured(values, MeasuredForms.NONE, null);
    }
  }

  /** The result, once all rows were added. */
  Measured measured() {
    return Measured.of(compared.evaluation(this::numbers), left, skipped);
  }

  private int[] numbers(int[] places) {
    return data.rowNumbers(
        Part.TRAINING, Arrays.stream(places).map(place -> measured[place]).toArray());
  }
}
