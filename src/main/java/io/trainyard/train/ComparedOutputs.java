package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredRows;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import io.trainyard.train.metric.PartEvaluation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compares a version's outputs with the targets of the same rows, batch by batch, without the
 * losses of a training.
 */
public final class ComparedOutputs {
  private final EvaluatedTargets targets;

  /** Null when no evaluation is wanted. */
  private final @Nullable PartEvaluation report;

  /** Null when the outputs are not wanted. */
  private final @Nullable MeasuredRows kept;

  private final Map<String, RowLosses> rowLosses = new LinkedHashMap<>();
  private double sum;
  private int rows;

  private ComparedOutputs(
      EvaluatedTargets targets, @Nullable PartEvaluation report, @Nullable MeasuredRows kept) {
    this.targets = targets;
    this.report = report;
    this.kept = kept;
  }

  /** Measures all that an evaluation tells of this many rows. */
  public static ComparedOutputs evaluating(EvaluatedTargets targets, int rows) {
    return new ComparedOutputs(
        targets, new PartEvaluation(targets.measured(), targets.labels(), rows), null);
  }

  /** Measures the error alone. */
  public static ComparedOutputs ofError(EvaluatedTargets targets) {
    return new ComparedOutputs(targets, null, null);
  }

  /** Keeps the outputs and the true values. */
  public static ComparedOutputs keeping(EvaluatedTargets targets, MeasuredRows kept) {
    return new ComparedOutputs(targets, null, kept);
  }

  /**
   * Adds rows.
   *
   * @param outputs of the network, by name
   * @param truths by target
   */
  public void add(
      int count,
      Encoding encoding,
      Function<String, HostTensor> outputs,
      Function<String, HostTensor> truths) {
    double[] losses = new double[count];
    for (MeasuredTarget target : targets.measured()) {
      String name = target.target();
      HostTensor truth = truths.apply(name);
      HostTensor output = outputs.apply(Objects.requireNonNull(targets.outputs().get(name)));
      HostTensor predicted = encoding.means(name, output);
      if (report != null) {
        report.add(name, predicted, truth);
      }
      if (kept != null) {
        kept.add(name, predicted, truth);
      }
      rowLosses.computeIfAbsent(name, _ -> new RowLosses(target)).addTo(losses, predicted, truth);
    }
    if (report != null) {
      report.rowLosses(HostTensor.ofDoubles(Shape.of(count), losses));
    }
    for (double each : losses) {
      sum += each;
    }
    rows += count;
  }

  /** The mean error of the rows. */
  public double error() {
    return sum / rows + rowLosses.values().stream().mapToDouble(RowLosses::together).sum();
  }

  /**
   * The evaluation of all rows that were added.
   *
   * @param numbering gives rows their numbers in the dataset
   */
  public Evaluation evaluation(UnaryOperator<int[]> numbering) {
    MeasuredValues values = new MeasuredValues();
    values.putUndefined("loss", EvaluatedTargets.NO_LOSS);
    return Objects.requireNonNull(report).of(Part.TRAINING, numbering, values, false);
  }
}
