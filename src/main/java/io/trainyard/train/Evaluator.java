package io.trainyard.train;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.LossSums;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.Certainty;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import io.trainyard.train.metric.PartCertainty;
import io.trainyard.train.metric.PartEvaluation;
import io.trainyard.train.metric.PartMetrics;
import io.trainyard.train.metric.PartThresholds;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Losses and metrics of a subset, computed as at prediction. */
final class Evaluator {
  private final TrainingSession session;
  private final List<Objective> objectives;
  private List<MeasuredTarget> measured;
  private final int batch;
  private @Nullable PartMetrics lastSums;
  private int lastRows;

  /**
   * @param batch the rows evaluated at once
   */
  Evaluator(
      TrainingSession session,
      List<Objective> objectives,
      List<MeasuredTarget> measured,
      int batch) {
    this.session = session;
    this.objectives = objectives;
    this.measured = measured;
    this.batch = batch;
  }

  /** The rows evaluated at once. */
  int batch() {
    return batch;
  }

  /**
   * Adds the subset's loss and metrics, with a prefix before their names.
   *
   * @param mayContinue asked before every batch
   * @return false, with nothing added, when it may not continue
   */
  boolean evaluate(
      ResidentSubset subset, String prefix, MeasuredValues values, BooleanSupplier mayContinue) {
    PartMetrics sums = PartMetrics.areNeeded(measured) ? sums(subset.rows()) : null;
    if (!evaluated(subset, prefix, values, mayContinue, sums)) {
      return false;
    }
    if (sums != null) {
      sums.putInto(values, prefix);
    }
    return true;
  }

  private boolean evaluated(
      ResidentSubset subset,
      String prefix,
      MeasuredValues values,
      BooleanSupplier mayContinue,
      @Nullable BatchObserver observer) {
    LossSums losses = new LossSums(objectives);
    for (int from = 0; from < subset.rows(); from += batch) {
      if (!mayContinue.getAsBoolean()) {
        return false;
      }
      int count = Math.min(batch, subset.rows() - from);
      losses.add(session.evaluate(subset, from, count, observer));
    }
    putLosses(losses.means(), objectives, prefix, values);
    return true;
  }

  /** Shows all rows to an observer. */
  void observe(ResidentSubset rows, BatchObserver observer) {
    for (int from = 0; from < rows.rows(); from += batch) {
      session.evaluate(rows, from, Math.min(batch, rows.rows() - from), observer);
    }
  }

  /**
   * Learns on these rows how sure predictions are, and measures from now on what is answered.
   *
   * @param all what is measured, with the metrics of intervals
   * @param seed decides which rows calibrate
   * @param notes takes what some targets cannot be told
   */
  FittedCertainty learnCertainty(
      Certainty asked,
      ResidentSubset rows,
      List<MeasuredTarget> all,
      Encoding encoding,
      long seed,
      Consumer<String> notes) {
    PartCertainty certainty = new PartCertainty(asked, all, encoding, rows.rows(), seed);
    if (!certainty.isEmpty()) {
      observe(rows, certainty);
    }
    FittedCertainty learned = certainty.learned();
    certainty.notes().forEach(notes);
    measured =
        all.stream()
            .map(
                each ->
                    each.sure(
                        learned.calibrations().get(each.target()),
                        learned.intervals().get(each.target())))
            .toList();
    lastSums = null;
    return learned;
  }

  /**
   * Decides from now on by thresholds that are chosen on these rows, where a target asks for it.
   *
   * @return the rules of these targets, by name
   */
  Map<String, Decision> chooseThresholds(ResidentSubset rows) {
    PartThresholds choices = new PartThresholds(measured, rows.rows());
    if (choices.isEmpty() || rows.rows() == 0) {
      return Map.of();
    }
    observe(rows, choices);
    Map<String, Decision> chosen = choices.chosen();
    measured =
        measured.stream()
            .map(
                each ->
                    chosen.containsKey(each.target())
                        ? each.decidedBy(chosen.get(each.target()))
                        : each)
            .toList();
    lastSums = null;
    return chosen;
  }

  /** How targets of two classes are decided, as answers name it. */
  Map<String, Decision.Named> decisions(Encoding encoding) {
    Map<String, List<String>> labels = PartEvaluation.labels(encoding);
    Map<String, Decision.Named> decisions = new LinkedHashMap<>();
    for (MeasuredTarget target : measured) {
      Decision.Named rule = target.rule(labels.getOrDefault(target.target(), List.of()));
      if (rule != null) {
        decisions.put(target.target(), rule);
      }
    }
    return decisions;
  }

  /** Sums for a part of this many rows, which most often is the one before. */
  private PartMetrics sums(int rows) {
    PartMetrics known = lastSums;
    if (known == null || rows != lastRows) {
      known = new PartMetrics(measured, rows);
      lastSums = known;
      lastRows = rows;
    }
    known.clear();
    return known;
  }

  /**
   * Puts the loss, and those of the targets if there are several.
   *
   * @param losses all together, then each target's
   */
  static void putLosses(
      double[] losses, List<Objective> objectives, String prefix, MeasuredValues values) {
    values.put(prefix + "loss", losses[0]);
    for (int i = 1; i < losses.length; i++) {
      values.put(prefix + objectives.get(i - 1).target() + "_loss", losses[i]);
    }
  }

  /**
   * The evaluation of a whole part.
   *
   * @param part which one the subset is
   */
  Evaluation report(PreparedData.Part part, ResidentSubset subset, PreparedData data) {
    lastSums = null; // the evaluation has sums of its own
    PartEvaluation report =
        new PartEvaluation(measured, PartEvaluation.labels(data.encoding()), subset.rows());
    MeasuredValues values = new MeasuredValues();
    var _ = evaluated(subset, "", values, () -> true, report);
    return report.of(part, places -> data.rowNumbers(part, places), values, true);
  }

  /** What the metrics of a part are without a network. */
  BaselineMetrics baseline(PreparedData.Part part, PreparedData data) {
    return BaselineMetrics.of(objectives, measured, data, part);
  }
}
