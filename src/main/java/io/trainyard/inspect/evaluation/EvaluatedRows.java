package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.inspect.TensorRequest;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.RowLosses;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import io.trainyard.train.metric.PartEvaluation;
import io.trainyard.train.metric.PartMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Sends the rows through the network, some at a time, and compares outputs with targets. */
final class EvaluatedRows {
  private static final int MAX_ROWS = 1024;
  private static final long MAX_BYTES = 4 << 20;

  private final Predictor predictor;
  private final ModelVersion version;
  private final EvaluatedTargets targets;
  private final Subset rows;
  private final BooleanSupplier stopped;
  private final int atOnce;
  private double error = Double.NaN;

  EvaluatedRows(
      Predictor predictor,
      ModelVersion version,
      EvaluatedTargets targets,
      Subset rows,
      BooleanSupplier stopped) {
    this.predictor = predictor;
    this.version = version;
    this.targets = targets;
    this.rows = rows;
    this.stopped = stopped;
    long bytes = rows.inputs().values().stream().mapToLong(HostTensor::bytes).sum();
    long row = Math.max(1, bytes / Math.max(1, rows.rows()));
    atOnce = Math.clamp(MAX_BYTES / row, 1, MAX_ROWS);
  }

  /** The inputs of some consecutive rows. */
  @FunctionalInterface
  interface Batches {
    Map<String, HostTensor> batch(int from, int count);
  }

  /** The error of the rows as they are, after {@link #report}. */
  double error() {
    return error;
  }

  Evaluation report(UnaryOperator<int[]> numbering) {
    PartEvaluation report = new PartEvaluation(targets.measured(), targets.labels(), rows.rows());
    PartMetrics metrics = new PartMetrics(targets.measured(), rows.rows());
    error =
        run(
            this::asTheyAre,
            new Batch() {
              @Override
              public void target(MeasuredTarget target, HostTensor output, HostTensor truth) {
                report.add(target.target(), output, truth);
                metrics.add(target.target(), output, truth);
              }

              @Override
              public void losses(double[] losses) {
                report.rowLosses(HostTensor.ofDoubles(Shape.of(losses.length), losses));
              }
            });
    MeasuredValues values = new MeasuredValues();
    values.putUndefined("loss", EvaluatedTargets.NO_LOSS);
    metrics.putInto(values, "");
    return report.of(Part.TRAINING, numbering, values).ofErrors();
  }

  private Map<String, HostTensor> asTheyAre(int from, int count) {
    Map<String, HostTensor> batch = new LinkedHashMap<>();
    rows.inputs().forEach((name, all) -> batch.put(name, all.rows(from, count)));
    return batch;
  }

  /** The mean error of other inputs with the rows' targets. */
  double error(Batches inputs) {
    return run(inputs, null);
  }

  /** Sees every batch of a run. */
  private interface Batch {
    void target(MeasuredTarget target, HostTensor output, HostTensor truth);

    void losses(double[] losses);
  }

  private double run(Batches inputs, @Nullable Batch observer) {
    List<MeasuredTarget> measured = targets.measured();
    Map<String, RowLosses> rowLosses = new LinkedHashMap<>();
    double sum = 0;
    for (int from = 0; from < rows.rows(); from += atOnce) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException();
      }
      int count = Math.min(atOnce, rows.rows() - from);
      double[] losses = new double[count];
      var request = new TensorRequest(inputs.batch(from, count), List.of());
      String number = String.valueOf(version.version());
      try (Prediction prediction = predictor.predict(version.model(), number, request)) {
        for (MeasuredTarget target : measured) {
          String name = target.target();
          HostTensor truth =
              Objects.requireNonNull(rows.targets().get(name), name).rows(from, count);
          HostTensor output =
              prediction.output(Objects.requireNonNull(targets.outputs().get(name)));
          HostTensor predicted =
              Objects.requireNonNull(prediction.definition().encoding()).means(name, output);
          if (observer != null) {
            observer.target(target, predicted, truth);
          }
          rowLosses
              .computeIfAbsent(name, _ -> new RowLosses(target))
              .addTo(losses, predicted, truth);
        }
      }
      if (observer != null) {
        observer.losses(losses);
      }
      for (double each : losses) {
        sum += each;
      }
    }
    return sum / rows.rows() + rowLosses.values().stream().mapToDouble(RowLosses::together).sum();
  }
}
