package io.trainyard.train;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.LossSums;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.Certainty;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredForm;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Losses and metrics of a subset, computed as at prediction. */
final class Evaluator {
  private static final List<String> PARTS = List.of("val_", "test_", "");

  private final List<Objective> objectives;
  private List<MeasuredTarget> measured;
  private @Nullable PartMetrics lastSums;
  private int lastRows;

  Evaluator(List<Objective> objectives, List<MeasuredTarget> measured) {
    this.objectives = objectives;
    this.measured = measured;
  }

  /**
   * Adds the loss and metrics of rows, with a prefix before their names.
   *
   * @param mayContinue asked before every batch
   * @return false, with nothing added, when it may not continue
   */
  boolean evaluate(
      AnsweredRows rows, String prefix, MeasuredValues values, BooleanSupplier mayContinue) {
    PartMetrics sums = PartMetrics.areNeeded(measured) ? sums(rows.rows()) : null;
    if (!evaluated(rows, prefix, values, mayContinue, sums)) {
      return false;
    }
    if (sums != null) {
      sums.putInto(values, prefix);
    }
    return true;
  }

  private boolean evaluated(
      AnsweredRows rows,
      String prefix,
      MeasuredValues values,
      BooleanSupplier mayContinue,
      @Nullable BatchObserver observer) {
    LossSums losses = new LossSums(objectives);
    if (!rows.each(observer, losses, mayContinue)) {
      return false;
    }
    putLosses(losses.means(), objectives, prefix, values);
    return true;
  }

  /** Shows all rows to an observer. */
  void observe(AnsweredRows rows, BatchObserver observer) {
    var _ = rows.each(observer, new LossSums(objectives), () -> true);
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
      AnsweredRows rows,
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
  Map<String, Decision> chooseThresholds(AnsweredRows rows) {
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

  /** The form of what is measured now of a part. */
  MeasuredForm form(PreparedData.Part part, int rows, Encoding encoding) {
    return MeasuredForm.of(measured, PartEvaluation.labels(encoding), part.word(), rows);
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
   * Whether a value is one of {@link #putLosses}, and no metric such as {@code log_loss}.
   *
   * @param name with the prefix of its part, such as {@code val_}, or without
   */
  static boolean isLoss(String name, List<Objective> objectives) {
    return PARTS.stream()
        .anyMatch(
            part ->
                name.equals(part + "loss")
                    || (objectives.size() > 1
                        && objectives.stream()
                            .anyMatch(each -> name.equals(part + each.target() + "_loss"))));
  }

  /**
   * The evaluation of a whole part.
   *
   * @param part which one the rows are
   * @param numbering gives rows of the part their numbers in the dataset
   */
  Evaluation report(
      PreparedData.Part part,
      AnsweredRows rows,
      UnaryOperator<int[]> numbering,
      Encoding encoding) {
    lastSums = null; // the evaluation has sums of its own
    PartEvaluation report =
        new PartEvaluation(measured, PartEvaluation.labels(encoding), rows.rows());
    MeasuredValues values = new MeasuredValues();
    var _ = evaluated(rows, "", values, () -> true, report);
    return report.of(part, numbering, values, true);
  }

  /** What the metrics of a part are without a network. */
  BaselineMetrics baseline(PreparedData.Part part, PreparedData data) {
    return BaselineMetrics.of(objectives, measured, data, part);
  }
}
