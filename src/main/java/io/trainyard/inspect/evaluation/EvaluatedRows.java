package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.inspect.TensorRequest;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.ComparedOutputs;
import io.trainyard.train.EvaluatedTargets;
import io.trainyard.train.metric.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

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
    ComparedOutputs compared =
        run(this::asTheyAre, ComparedOutputs.evaluating(targets, rows.rows()));
    error = compared.error();
    return compared.evaluation(numbering);
  }

  private Map<String, HostTensor> asTheyAre(int from, int count) {
    return HostTensor.rows(rows.inputs(), from, count);
  }

  /** The mean error of other inputs with the rows' targets. */
  double error(Batches inputs) {
    return run(inputs, ComparedOutputs.ofError(targets)).error();
  }

  private ComparedOutputs run(Batches inputs, ComparedOutputs compared) {
    String number = String.valueOf(version.version());
    for (int first = 0; first < rows.rows(); first += atOnce) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException();
      }
      int from = first;
      int count = Math.min(atOnce, rows.rows() - from);
      var request = new TensorRequest(inputs.batch(from, count), List.of());
      try (Prediction prediction = predictor.predict(version.model(), number, request)) {
        compared.add(
            count,
            Objects.requireNonNull(prediction.definition().encoding()),
            prediction::output,
            target -> Objects.requireNonNull(rows.targets().get(target), target).rows(from, count));
      }
    }
    return compared;
  }
}
