package io.trainyard.job.check;

import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.check.LossCost;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.Precision;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Device;
import io.trainyard.train.metric.PartCertainty;
import io.trainyard.train.metric.PartEvaluation;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
   * The rows of a job.
   *
   * @param bytes of the encoded rows
   * @param trained {@code Long.MAX_VALUE} while the rows are unknown
   * @param evaluated the most rows of a part
   */
  public record RowCounts(long bytes, long trained, long evaluated) {
    private static RowCounts of(@Nullable DataPlan plan) {
      return plan == null
          ? new RowCounts(0, Long.MAX_VALUE, Long.MAX_VALUE)
          : new RowCounts(
              plan.bytes(),
              plan.trainingRows(),
              Math.max(plan.trainingRows(), Math.max(plan.validationRows(), plan.testRows())));
    }
  }

  /** The phase that needs the most. */
  private record Largest(PhaseModel phase, Need need) {
    private Largest with(long kept) {
      return new Largest(
          phase,
          new Need(need.rows(), Bytes.add(need.weights(), kept), need.outputs(), need.scores()));
    }

    private String place(String pointer) {
      Phase own = phase.phase();
      return own == null ? pointer : own.place(pointer);
    }
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
    /**
     * The need of a training, or of the phase that needs the most. The weights and the optimizers'
     * states of the others are kept beside it.
     *
     * @param values of the model's targets, by name
     */
    public static Need ofJob(
        ModelSpec model,
        NetworkShapes shapes,
        Map<String, TargetValues> values,
        TrainingSpec training,
        RowCounts rows) {
      return largest(model, shapes, values, training, rows).need();
    }

    private static Largest largest(
        ModelSpec model,
        NetworkShapes shapes,
        Map<String, TargetValues> values,
        TrainingSpec training,
        RowCounts rows) {
      List<PhaseModel> phases = PhaseModel.all(model, training);
      Largest largest = null;
      long kept = 0;
      for (PhaseModel phase : phases) {
        NetworkShapes own = shapes.of(phase.model().network());
        Need need = of(phase, own, TargetValues.of(phase.model(), own, values), rows);
        kept = Bytes.add(kept, own.weightBytes(phase.training().stateTensors()));
        if (largest == null || need.total() > largest.need().total()) {
          largest = new Largest(phase, need);
        }
      }
      Largest found = Objects.requireNonNull(largest);
      Ensemble ensemble = training.ensemble();
      if (ensemble != null) {
        return new Largest(found.phase(), found.need().ofMembers(ensemble, model, shapes, rows));
      }
      return phases.size() == 1 ? found : found.with(kept);
    }

    /**
     * The need of an ensemble: of one training at a time, beside the weights of all members, once
     * in the checkpoint and once where they are measured together. With folds, a member's rows are
     * there beside those of all members, and what each says of its fold.
     */
    private Need ofMembers(
        Ensemble ensemble, ModelSpec model, NetworkShapes shapes, RowCounts counts) {
      long one = Bytes.multiply(WeightSpec.elements(shapes.weights()), Float.BYTES);
      long all = Bytes.multiply(one, 2L * ensemble.members());
      long shown = ensemble.hasFolds() ? this.rows : 0;
      if (ensemble.hasFolds() && counts.trained() != Long.MAX_VALUE) {
        for (String target : model.targets().keySet()) {
          String output = model.outputOf(target);
          if (output != null && shapes.layers().containsKey(output)) {
            long row = Bytes.multiply(shapes.of(output).elements(), 2L * Float.BYTES);
            shown = Bytes.add(shown, Bytes.multiply(row, counts.trained()));
          }
        }
      }
      return new Need(Bytes.add(this.rows, shown), Bytes.add(weights, all), outputs, scores);
    }

    private static Need of(
        PhaseModel phase, NetworkShapes shapes, Map<String, TargetValues> values, RowCounts rows) {
      ModelSpec model = phase.model();
      TrainingSpec training = phase.training();
      Need need = of(shapes, training, rows.bytes(), rows.trained(), rows.evaluated());
      if (rows.trained() == Long.MAX_VALUE) {
        return need;
      }
      long ranked = ranked(model, shapes, training);
      return need.withScores(ranked, rows.trained(), rows.evaluated())
          .withLosses(model, shapes, values, training, rows.trained(), rows.evaluated());
    }

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
              evaluation(model, shapes, training, evaluated)),
          scores);
    }

    /** Bytes that the evaluation at the end keeps of the outputs. */
    private static long evaluation(
        ModelSpec model, NetworkShapes shapes, TrainingSpec training, long evaluated) {
      long bytes = 0;
      for (String target : model.targets().keySet()) {
        String output = model.outputOf(target);
        if (output != null && shapes.layers().containsKey(output)) {
          long elements = shapes.of(output).elements();
          bytes = Bytes.add(bytes, PartEvaluation.bytes(evaluated, elements));
          if (!training.certainty().isNone()) {
            bytes = Bytes.add(bytes, PartCertainty.bytes(evaluated, elements));
          }
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
    Map<String, TargetValues> values = plan == null ? Map.of() : plan.targetValues();
    Largest largest = Need.largest(model, shapes, values, training, RowCounts.of(plan));
    Need need = largest.need();
    return need.total() > limit
        ? Optional.of(new Violation(largest.place(need.pointer(network)), text(need)))
        : Optional.empty();
  }

  /**
   * What is wrong with a job whose weights and outputs do not fit into a device's memory. Its rows
   * may stay in the host's.
   *
   * @param size the bytes of the device
   * @param plan as above
   */
  static Optional<Violation> onDevice(
      Device device,
      long size,
      ModelSpec model,
      NetworkShapes shapes,
      @Nullable DataPlan plan,
      TrainingSpec training,
      String network) {
    Map<String, TargetValues> values = plan == null ? Map.of() : plan.targetValues();
    Largest largest = Need.largest(model, shapes, values, training, RowCounts.of(plan));
    Need need = new Need(0, largest.need().weights(), largest.need().outputs(), 0);
    return need.total() <= size
        ? Optional.empty()
        : Optional.of(
            new Violation(
                largest.place(need.pointer(network)),
                "The job needs about %d MB of the memory of '%s' (weights and optimizer %d MB, layer outputs of a batch %d MB), the largest in its pool has %d MB"
                    .formatted(
                        megabytes(need.total()),
                        device.code(),
                        megabytes(need.weights()),
                        megabytes(need.outputs()),
                        megabytes(size))));
  }

  /** The bytes that a job needs, as far as they are known before it starts. */
  long bytes(ModelSpec model, NetworkShapes shapes, DataPlan plan, TrainingSpec training) {
    return Need.ofJob(model, shapes, plan.targetValues(), training, RowCounts.of(plan)).total();
  }

  /**
   * How many trainings fit into the memory of one job, at least one.
   *
   * @param bytes of the largest; 0 while they are unknown
   */
  public int fitting(long bytes) {
    return Math.clamp(limit / Math.max(1, bytes), 1, Integer.MAX_VALUE);
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

  /** Why so many bytes are too many, in words; empty where they are not. */
  public Optional<String> tooMuch(long bytes) {
    return bytes > limit
        ? Optional.of(
            "That needs about %d MB, a job may use at most %d MB"
                .formatted(megabytes(bytes), megabytes(limit)))
        : Optional.empty();
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
