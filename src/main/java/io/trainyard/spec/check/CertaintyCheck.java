package io.trainyard.spec.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.training.Certainty;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calibration and intervals that fit no target.
 *
 * @param outputs that targets train, as far as they are known
 */
record CertaintyCheck(TrainingCheck check, TrainingSpec training, List<TrainedOutput> outputs) {
  void check(Violations violations) {
    Certainty asked = training.certainty();
    if (asked.isNone()) {
      checkMetrics(violations);
      return;
    }
    Certainty.Intervals intervals = asked.intervals();
    if (training.publishesNothing()) {
      for (String member : asked.members()) {
        violations.add(
            check.trainingPointer() + "/" + member,
            "find_learning_rate publishes no version that could say how sure it is: leave '%s' out, or write \"find_learning_rate\": {\"apply\": true}"
                .formatted(member));
      }
      return;
    }
    boolean known =
        outputs.size() == check.model().targets().size()
            && outputs.stream().allMatch(each -> each.measured() != null);
    if (asked.calibration() != Certainty.Method.NONE
        && known
        && outputs.stream().noneMatch(each -> mayBeCalibrated(each.measured()))) {
      violations.add(
          check.trainingPointer() + "/calibration",
          "Calibration corrects the probabilities of a class, and no target here has any (%s): leave it out%s"
              .formatted(
                  String.join(", ", check.model().targets().keySet()),
                  outputs.stream().anyMatch(each -> isClass(each.measured()))
                      ? ", or train with a cross-entropy"
                      : ", or ask for 'intervals'"));
    }
    if (intervals != null) {
      long before = violations.count();
      checkFrom(intervals.from(), violations);
      if (known
          && violations.count() == before
          && outputs.stream().noneMatch(CertaintyCheck::mayHaveInterval)) {
        violations.add(
            check.trainingPointer() + "/intervals",
            "Intervals are for numbers that are read from columns, and for classes with probabilities; no target here is one (%s)"
                .formatted(String.join(", ", check.model().targets().keySet())));
      }
    } else {
      checkMetrics(violations);
    }
  }

  /** Metrics of intervals need some. */
  private void checkMetrics(Violations violations) {
    training
        .metrics()
        .forEach(
            (target, metrics) -> {
              String at = check.trainingPointer() + "/metrics";
              for (int i = 0; i < metrics.size(); i++) {
                if (metrics.get(i).isOfIntervals()) {
                  violations.add(
                      Violation.pointer(target.isEmpty() ? at : Violation.pointer(at, target), i),
                      "%s is about intervals, which this training does not learn: add \"intervals\": {\"coverage\": 0.9} to 'training'"
                          .formatted(type(metrics.get(i))));
                }
              }
            });
  }

  private static String type(MetricSpec metric) {
    return metric instanceof MetricSpec.Standard standard
        ? standard.metric().word()
        : metric.name();
  }

  private static boolean isClass(@Nullable MeasuredOutput output) {
    return output != null && output.classes();
  }

  private static boolean mayBeCalibrated(@Nullable MeasuredOutput output) {
    return output != null && output.mayBeCalibrated();
  }

  private static boolean mayHaveInterval(TrainedOutput output) {
    MeasuredOutput measured = output.measured();
    return measured != null
        && measured.mayHaveIntervals()
        && (measured.classes() || isOfScalars(output));
  }

  /** Whether each row has one number of each column. */
  private static boolean isOfScalars(TrainedOutput output) {
    return output.check().model().target(output.target()).source()
            instanceof TargetSpec.Source.Columns(List<String> columns, boolean _)
        && output.values() instanceof TargetValues.Numbers numbers
        && numbers.shape().elements() == columns.size();
  }

  private void checkFrom(List<String> from, Violations violations) {
    List<Double> quantiles = new ArrayList<>();
    List<String> columns = new ArrayList<>();
    Set<String> targets = check.model().targets().keySet();
    for (int i = 0; i < from.size(); i++) {
      String name = from.get(i);
      String at = Certainty.placeOfFrom(check.trainingPointer(), i);
      if (!targets.contains(name)) {
        violations.add(
            at,
            "There is no target '%s'; the targets are %s"
                .formatted(JsonObject.shorten(name), targets));
        continue;
      }
      TrainedOutput own =
          outputs.stream().filter(each -> each.target().equals(name)).findFirst().orElse(null);
      if (own == null || own.loss() == null) {
        continue;
      }
      if (!(own.loss() instanceof NumberLoss.Quantile(double q))) {
        violations.add(
            at,
            "Target '%s' is trained with %s: the two targets that intervals are made from each have the loss {\"type\": \"quantile\", \"q\": …}"
                .formatted(name, own.loss().type()));
      } else if (!(check.model().target(name).source()
              instanceof TargetSpec.Source.Columns(List<String> read, boolean _))
          || read.size() != 1
          || (own.values() != null && !isOfScalars(own))) {
        violations.add(
            at,
            "Target '%s' has several numbers, but an interval has one of one column"
                .formatted(name));
      } else {
        quantiles.add(q);
        columns.add(read.getFirst());
      }
    }
    if (quantiles.size() == 2 && !columns.getFirst().equals(columns.getLast())) {
      violations.add(
          check.trainingPointer() + "/intervals/from",
          "Two quantiles of one column were expected, but '%s' is read from '%s' and '%s' from '%s'"
              .formatted(from.getFirst(), columns.getFirst(), from.getLast(), columns.getLast()));
    } else if (quantiles.size() == 2 && !(quantiles.getFirst() < quantiles.getLast())) {
      violations.add(
          check.trainingPointer() + "/intervals/from",
          "The low quantile comes first, but '%s' has q %s and '%s' has q %s"
              .formatted(
                  from.getFirst(), quantiles.getFirst(), from.getLast(), quantiles.getLast()));
    }
  }
}
