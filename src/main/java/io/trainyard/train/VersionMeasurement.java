package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredRows;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loss and metrics of trained weights on any rows, computed as their training computed those of its
 * parts: the same session, the same sums. A job's validation and test values come out again.
 */
public final class VersionMeasurement {
  private final TrainingSession session;
  private final List<Objective> objectives;
  private final PreparedData data;
  private final @Nullable String sampleWeight;
  private final List<MeasuredTarget> measured;
  private final Evaluator evaluator;

  /** The rows computed at once. */
  private final int batch;

  /**
   * @param plan with the weights, of a training that changes nothing
   * @param data all rows as the training part, whose encoding has the plan's targets
   * @param sampleWeight the column of the weights that rows had in training, or null
   */
  VersionMeasurement(
      TrainingSession session,
      TrainingPlan plan,
      PreparedData data,
      @Nullable String sampleWeight) {
    this.session = session;
    this.data = data;
    this.sampleWeight = sampleWeight;
    objectives = plan.objectives();
    measured = MeasuredTarget.of(plan, data.encoding());
    batch = plan.shapes().evaluationRows(plan.training().batchSize());
    evaluator = new Evaluator(objectives, measured);
  }

  /** The evaluation of all rows. */
  public Evaluation report() {
    try (ResidentSubset rows = session.load(data.training())) {
      Evaluation evaluation =
          evaluator.report(
              Part.TRAINING,
              new AnsweredRows.Resident(session, rows, batch),
              places -> data.rowNumbers(Part.TRAINING, places),
              data.encoding());
      String why = whyUnweighted();
      if (why != null) {
        evaluation.measured().values().keySet().stream()
            .filter(name -> Evaluator.isLoss(name, objectives))
            .toList()
            .forEach(name -> evaluation.measured().putUndefined(name, why));
      }
      return evaluation;
    }
  }

  /** Why rows have no weights, though the training weighs them; null when they count as there. */
  public @Nullable String whyUnweighted() {
    return sampleWeight == null || data.training().weights() != null
        ? null
        : "The training weighs rows by the column '%s', which this dataset lacks"
            .formatted(sampleWeight);
  }

  /**
   * The outputs of all rows.
   *
   * @param mostBytes that they may take
   */
  public MeasuredRows rows(long mostBytes) {
    MeasuredRows kept = new MeasuredRows(measured, data.training().rows(), mostBytes);
    try (ResidentSubset rows = session.load(data.training())) {
      evaluator.observe(new AnsweredRows.Resident(session, rows, batch), kept);
    }
    return kept;
  }

  /** The loss of the rows with other inputs. */
  public double loss(Map<String, HostTensor> inputs) {
    Subset own = data.training();
    Subset others = new Subset(own.rows(), inputs, own.targets(), own.weights());
    MeasuredValues values = new MeasuredValues();
    try (ResidentSubset rows = session.load(others)) {
      var _ =
          new Evaluator(objectives, List.of())
              .evaluate(new AnsweredRows.Resident(session, rows, batch), "", values, () -> true);
    }
    return values.values().getOrDefault("loss", Double.NaN);
  }
}
