package io.trainyard.job.review;

import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.check.LossCost;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.Precision;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.train.metric.PartEvaluation;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** The memory that one job may use, checked against an estimate of its need. */
public final class MemoryBudget {
  /** Bytes of an output that auc keeps: the number and a label. */
  private static final long SCORE = 8;

  /** Bytes of a number that a loss keeps: itself and its gradient. */
  private static final long KEPT = 8;

  private final long limit;

  public MemoryBudget(DataSize limit) {
    this.limit = limit.toBytes();
  }

  /**
   * What a job needs.
   *
   * @param rows bytes of its encoded rows
   * @param weights bytes of weights, gradients and the optimizer's state
   * @param outputs bytes of the layers' values, of a training batch or of an evaluation
   * @param scores bytes of the outputs of all rows, which auc and pr_auc keep
   */
  public record Need(long rows, long weights, long outputs, long scores) {
    /** The need of a training on these numbers of rows, without scores. */
    public static Need of(
        NetworkShapes shapes, TrainingSpec training, long rowBytes, long trained, long evaluated) {
      long atOnce = atOnce(shapes, training, trained, evaluated);
      int wider = training.precision() == Precision.FLOAT64 ? 2 : 1;
      return new Need(
          rowBytes,
          Bytes.add(
              Bytes.multiply(shapes.weightBytes(training.stateTensors()), wider),
              matrices(shapes, training, training.batchRows(trained))),
          Bytes.multiply(shapes.batchBytes(atOnce), wider),
          0);
    }

    private static long atOnce(
        NetworkShapes shapes, TrainingSpec training, long trained, long evaluated) {
      int batch = training.batchRows(trained);
      int given = training.batchSize() == TrainingSpec.ALL_ROWS ? batch : training.batchSize();
      return Math.max(batch, Math.min(shapes.evaluationRows(given), evaluated));
    }

    /** The optimizer's matrices of all weights, and the part of J that exists at a time. */
    private static long matrices(NetworkShapes shapes, TrainingSpec training, int rows) {
      long weights = WeightSpec.elements(shapes.weights());
      long matrices = (long) Double.BYTES * training.optimizer().squareMatrices();
      long squares = Bytes.multiply(Bytes.multiply(weights, weights), matrices);
      if (!training.optimizer().squaresOnly()) {
        return squares;
      }
      long part = LevenbergMarquardt.rowsAtATime(weights, rows);
      return Bytes.add(squares, Bytes.multiply(Bytes.multiply(part, weights), 2L * Double.BYTES));
    }

    /**
     * The same with what the losses keep, and with weights by class.
     *
     * @param values of the targets, by name
     */
    public Need withLosses(
        ModelSpec model,
        NetworkShapes shapes,
        Map<String, TargetValues> values,
        TrainingSpec training,
        long trained,
        long evaluated) {
      long kept = LossCost.rowElements(model, shapes, values, training);
      long atOnce = atOnce(shapes, training, trained, evaluated);
      boolean weighed = !training.rowWeights().byTarget().isEmpty();
      long targets = weighed ? model.targets().size() : 0;
      return new Need(
          Bytes.add(rows, Bytes.multiply(trained, targets * Float.BYTES)),
          weights,
          Bytes.add(
              Bytes.add(outputs, Bytes.multiply(Bytes.multiply(kept, KEPT), atOnce)),
              evaluation(model, shapes, evaluated)),
          scores);
    }

    /** Bytes that the evaluation at the end keeps of the outputs. */
    private static long evaluation(ModelSpec model, NetworkShapes shapes, long evaluated) {
      long bytes = 0;
      for (String target : model.targets().keySet()) {
        String output = model.outputOf(target);
        if (output != null && shapes.layers().containsKey(output)) {
          bytes = Bytes.add(bytes, PartEvaluation.bytes(evaluated, shapes.of(output).elements()));
        }
      }
      return bytes;
    }

    /**
     * The same with the scores of all rows that are measured.
     *
     * @param ranked the outputs of a row that auc or pr_auc keep
     */
    public Need withScores(long ranked, long trained, long evaluated) {
      long kept = Bytes.multiply(Bytes.add(trained, evaluated), ranked);
      return new Need(rows, weights, outputs, Bytes.multiply(kept, SCORE));
    }

    /** The outputs of a row that auc or pr_auc keep. */
    public static long ranked(ModelSpec model, NetworkShapes shapes, TrainingSpec training) {
      long ranked = 0;
      for (String target : model.targets().keySet()) {
        String output = model.outputOf(target);
        if (output != null
            && shapes.layers().containsKey(output)
            && training.metrics(target).stream().anyMatch(MetricSpec::ranksRows)) {
          ranked = Bytes.add(ranked, shapes.of(output).elements());
        }
      }
      return ranked;
    }

    private long most() {
      return Math.max(Math.max(rows, scores), Math.max(weights, outputs));
    }

    public long total() {
      return Bytes.add(Bytes.add(weights, outputs), Bytes.add(rows, scores));
    }

    /** The pointer of the member that needs the most memory. */
    private String pointer(String network) {
      long most = most();
      if (most == scores) {
        return "/training/metrics";
      }
      if (most == outputs) {
        return "/training/batch_size";
      }
      return most == weights ? network : "/dataset";
    }
  }

  /**
   * What is wrong with a job that needs more than the limit.
   *
   * @param plan null while the rows are unknown: they then count as many, and as no bytes
   * @param network the pointer of the network in the body
   */
  Optional<Violation> violation(
      ModelSpec model,
      NetworkShapes shapes,
      @Nullable DataPlan plan,
      TrainingSpec training,
      String network) {
    Need need = need(model, shapes, plan, training);
    return need.total() > limit
        ? Optional.of(new Violation(need.pointer(network), text(need)))
        : Optional.empty();
  }

  private static Need need(
      ModelSpec model, NetworkShapes shapes, @Nullable DataPlan plan, TrainingSpec training) {
    if (plan == null) {
      return Need.of(shapes, training, 0, Long.MAX_VALUE, Long.MAX_VALUE);
    }
    long evaluated =
        Math.max(plan.trainingRows(), Math.max(plan.validationRows(), plan.testRows()));
    long ranked = Need.ranked(model, shapes, training);
    return Need.of(shapes, training, plan.bytes(), plan.trainingRows(), evaluated)
        .withScores(ranked, plan.trainingRows(), evaluated)
        .withLosses(model, shapes, plan.targetValues(), training, plan.trainingRows(), evaluated);
  }

  /**
   * Refuses an attempt on this machine, which may have less memory than the one that took the job.
   * Waiting would not help: the job stays as large, and this worker as small.
   */
  public void check(Need need) {
    if (need.total() > limit) {
      throw new ServiceException(ErrorCode.TOO_MUCH_MEMORY, text(need));
    }
  }

  /** An allocation that failed although the estimate fits, in the caller's terms. */
  public ServiceException outOfMemory(Need need, ServiceException cause) {
    return new ServiceException(
        ErrorCode.OUT_OF_MEMORY,
        cause.detail() + ". " + text(need) + ". A smaller batch_size needs less",
        cause);
  }

  private String text(Need need) {
    String scores =
        need.scores() == 0
            ? ""
            : ", all rows' outputs for auc and pr_auc %d MB".formatted(megabytes(need.scores()));
    return ("The job needs about %d MB (rows %d MB, weights and optimizer %d MB, layer outputs of a"
            + " batch %d MB%s), a job may use at most %d MB")
        .formatted(
            megabytes(need.total()),
            megabytes(need.rows()),
            megabytes(need.weights()),
            megabytes(need.outputs()),
            scores,
            megabytes(limit));
  }

  private static long megabytes(long bytes) {
    return bytes / (1024 * 1024);
  }
}
