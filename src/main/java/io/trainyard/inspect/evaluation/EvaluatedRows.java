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
import io.trainyard.train.metric.MeasuredRows;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * The rows of a version whose training is not known: sends them through the network, some at a
 * time, and compares outputs with targets.
 */
final class EvaluatedRows implements Measurement {
  private static final int MAX_ROWS = 1024;
  private static final long MAX_BYTES = 4 << 20;

  private final Predictor predictor;
  private final ModelVersion version;
  private final EvaluatedTargets targets;
  private final Subset rows;
  private final UnaryOperator<int[]> numbering;
  private final BooleanSupplier stopped;
  private final int atOnce;

  /**
   * @param numbering gives rows their numbers in the dataset
   */
  EvaluatedRows(
      Predictor predictor,
      ModelVersion version,
      EvaluatedTargets targets,
      Subset rows,
      UnaryOperator<int[]> numbering,
      BooleanSupplier stopped) {
    this.predictor = predictor;
    this.version = version;
    this.targets = targets;
    this.rows = rows;
    this.numbering = numbering;
    this.stopped = stopped;
    long bytes = rows.inputs().values().stream().mapToLong(HostTensor::bytes).sum();
    long row = Math.max(1, bytes / Math.max(1, rows.rows()));
    atOnce = Math.clamp(MAX_BYTES / row, 1, MAX_ROWS);
  }

  @Override
  public Evaluation report() {
    return run(asTheyAre(), ComparedOutputs.evaluating(targets, rows.rows())).evaluation(numbering);
  }

  private Batches asTheyAre() {
    return (from, count) -> HostTensor.rows(rows.inputs(), from, count);
  }

  @Override
  public MeasuredRows rows(long mostBytes) {
    MeasuredRows kept = new MeasuredRows(targets.measured(), rows.rows(), mostBytes);
    ComparedOutputs _ = run(asTheyAre(), ComparedOutputs.keeping(targets, kept));
    return kept;
  }

  /** The mean error: nobody knows the loss of a training. */
  @Override
  public String lossName() {
    return "error";
  }

  @Override
  public double loss(Batches inputs) {
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
