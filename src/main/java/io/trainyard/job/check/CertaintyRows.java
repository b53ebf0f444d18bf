package io.trainyard.job.check;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.Violations;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.Certainty;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether there are rows on which a version can learn how sure it is, and whether they are few. */
final class CertaintyRows {
  private static final String CALIBRATION = "/training/calibration";
  private static final String INTERVALS = "/training/intervals";

  private final Certainty asked;
  private final boolean halves;
  private final long rows;

  private CertaintyRows(TrainingSpec training, DataPlan plan, long whole) {
    asked = training.certainty();
    rows = rows(training.ensemble(), plan, whole);
    halves = bothOn(plan.encoding()) && rows >= Certainty.HALVED_ROWS;
  }

  /** With folds, the plan is that of the first member; all learn on the rows of all folds. */
  private static long rows(@Nullable Ensemble ensemble, DataPlan plan, long whole) {
    if (ensemble == null || !ensemble.hasFolds()) {
      return plan.validationRows();
    }
    // Folds that run forward in time leave the rows before the first one out.
    boolean isForward = plan.trainingRows() + plan.validationRows() < whole;
    return isForward ? plan.validationRows() * ensemble.members() : whole;
  }

  /** Whether a class is to be calibrated and to have sets. */
  private boolean bothOn(Encoding encoding) {
    return asked.members().size() == 2 && hasClasses(encoding);
  }

  private static boolean hasClasses(Encoding encoding) {
    return encoding.targets().values().stream()
        .anyMatch(TargetEncoding.ClassTarget.class::isInstance);
  }

  /**
   * Adds what makes it impossible.
   *
   * @param selection null when the rows are unknown
   * @param plan null when there is none
   * @param whole the rows that the members of an ensemble of folds have together
   */
  static void check(
      TrainingSpec training,
      @Nullable DatasetSelection selection,
      @Nullable DataPlan plan,
      long whole,
      Violations violations) {
    Certainty asked = training.certainty();
    boolean lacks =
        plan == null ? selection != null && !selection.hasValidation() : !plan.hasValidation();
    if (lacks && !training.publishesNothing()) {
      for (String member : asked.members()) {
        violations.add(
            "/training/" + member,
            "'%s' is learned on validation rows, and there are none: add \"split\": {\"validation\": 0.2} to 'dataset'"
                .formatted(member));
      }
    } else if (plan != null && asked.calibration() == Certainty.Method.ISOTONIC) {
      CertaintyRows found = new CertaintyRows(training, plan, whole);
      long own = found.halves ? found.rows / 2 : found.rows;
      if (own < Certainty.ISOTONIC_ROWS) {
        violations.add(
            CALIBRATION,
            "Isotonic curves need at least %d rows, and %s: write \"temperature\", or give more validation rows"
                .formatted(
                    Certainty.ISOTONIC_ROWS,
                    found.halves
                        ? "%d of the %d validation rows are left for them beside 'intervals'"
                            .formatted(own, found.rows)
                        : "there are %d validation rows".formatted(own)));
      }
    }
  }

  /** What can be learned, but says less than it seems. */
  static List<Warning> warnings(TrainingSpec training, DataPlan plan, long whole) {
    Certainty asked = training.certainty();
    Certainty.Intervals intervals = asked.intervals();
    List<Warning> warnings = new ArrayList<>();
    if (asked.isNone() || !plan.hasValidation()) {
      return warnings;
    }
    CertaintyRows found = new CertaintyRows(training, plan, whole);
    if (asked.calibration() == Certainty.Method.TEMPERATURE
        && found.rows < Certainty.CALIBRATED_ROWS
        && hasClasses(plan.encoding())) {
      warnings.add(
          new Warning(
              CALIBRATION,
              "few_rows_to_calibrate",
              "The temperature is learned on %d rows. With fewer than %d it can make the probabilities worse: leave it out, or give more rows"
                  .formatted(found.rows, Certainty.CALIBRATED_ROWS)));
    }
    if (intervals != null) {
      long least = Interval.leastRows(intervals.coverage());
      long own = found.halves ? found.rows - found.rows / 2 : found.rows;
      if (own < least) {
        warnings.add(
            new Warning(
                INTERVALS + "/coverage",
                "too_few_for_coverage",
                "A coverage of %s needs at least %d rows, and %d validation rows are there%s: 'interval' and 'set' will be null. Ask for less, or give more validation rows"
                    .formatted(
                        intervals.coverage(),
                        least,
                        own,
                        found.halves ? " beside those that calibrate" : "")));
      }
      if (!found.halves && found.bothOn(plan.encoding())) {
        warnings.add(
            new Warning(
                INTERVALS,
                "certainty_shares_rows",
                "Calibration and sets are learned on the same %d validation rows, because there are fewer than %d: the coverage is assumed, not guaranteed"
                    .formatted(found.rows, Certainty.HALVED_ROWS)));
      }
    }
    return warnings;
  }
}
