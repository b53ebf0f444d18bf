package io.trainyard.spec.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Objects;

/**
 * Refuses metrics that say nothing about their target, and names those that do. A metric listed for
 * a target must fit it; one listed for all must fit at least one.
 *
 * @param outputs that targets train, as far as they are known
 */
record MetricCheck(TrainingCheck check, TrainingSpec training, List<TrainedOutput> outputs) {
  private static final String METRICS = "/metrics";

  void check(Violations violations) {
    for (TrainedOutput output : outputs) {
      MeasuredOutput measured = output.measured();
      if (measured != null && training.metrics().containsKey(output.target())) {
        checkOwn(output, measured, violations);
      }
    }
    List<TrainedOutput> others =
        outputs.stream().filter(each -> !training.metrics().containsKey(each.target())).toList();
    long targets =
        check.model().targets().keySet().stream()
            .filter(target -> !training.metrics().containsKey(target))
            .count();
    boolean known = others.stream().allMatch(each -> each.measured() != null);
    if (known && !others.isEmpty() && others.size() == targets) {
      checkShared(others, violations);
    }
  }

  private void checkOwn(TrainedOutput output, MeasuredOutput measured, Violations violations) {
    List<MetricSpec> metrics = training.metrics(output.target());
    String pointer = Violation.pointer(check.trainingPointer() + METRICS, output.target());
    for (int i = 0; i < metrics.size(); i++) {
      if (!metrics.get(i).fits(measured)) {
        add(metrics.get(i), output, measured, Violation.pointer(pointer, i), "", violations);
      } else if (metrics.get(i) instanceof MetricSpec.Standard && !hasShapeOfTarget(output)) {
        violations.add(Violation.pointer(pointer, i), otherShape(output));
      }
    }
  }

  /** An expression as loss may compare an output with a target of another shape; no metric can. */
  private static boolean hasShapeOfTarget(TrainedOutput output) {
    return !(output.values() instanceof TargetValues.Numbers numbers)
        || numbers.shape().elements() == measured(output).row().elements();
  }

  private static String otherShape(TrainedOutput output) {
    return "Metrics compare numbers one by one, but target '%s' has %s per row and '%s' gives %s: use an expression as metric, or none"
        .formatted(
            output.target(),
            ((TargetValues.Numbers) Objects.requireNonNull(output.values())).shape(),
            output.output(),
            output.shape());
  }

  private void checkShared(List<TrainedOutput> others, Violations violations) {
    List<MetricSpec> metrics = training.metrics("");
    String pointer = check.trainingPointer() + METRICS;
    for (int i = 0; i < metrics.size(); i++) {
      MetricSpec metric = metrics.get(i);
      if (others.stream().noneMatch(each -> metric.fits(measured(each)))) {
        TrainedOutput first = others.getFirst();
        String hint = others.size() == 1 ? "" : byTarget(first);
        add(metric, first, measured(first), Violation.pointer(pointer, i), hint, violations);
      } else if (metric instanceof MetricSpec.Standard) {
        int place = i;
        others.stream()
            .filter(each -> metric.fits(measured(each)) && !hasShapeOfTarget(each))
            .findFirst()
            .ifPresent(each -> violations.add(Violation.pointer(pointer, place), otherShape(each)));
      }
    }
  }

  private static MeasuredOutput measured(TrainedOutput output) {
    return Objects.requireNonNull(output.measured());
  }

  private static String byTarget(TrainedOutput output) {
    return ". It fits no other target either. Metrics can be given by target: {\"%s\": [\"%s\"], ...}"
        .formatted(output.target(), Metric.fitting(measured(output)).getFirst());
  }

  private static void add(
      MetricSpec metric,
      TrainedOutput output,
      MeasuredOutput measured,
      String pointer,
      String hint,
      Violations violations) {
    switch (metric) {
      case MetricSpec.Standard standard ->
          violations.add(pointer, detail(standard, output, measured) + hint);
      case MetricSpec.Formula formula ->
          violations.add(pointer + "/expression", formula.fault(measured) + hint);
    }
  }

  private static String detail(
      MetricSpec.Standard standard, TrainedOutput output, MeasuredOutput measured) {
    Metric metric = standard.metric();
    String fitting = String.join(", ", Metric.fitting(measured));
    if (measured.isSurvival()) {
      return "%s compares predictions with a target of the same kind, but target '%s' is a time and an event: use %s"
          .formatted(metric.word(), output.target(), fitting);
    }
    if (metric == Metric.CONCORDANCE) {
      return "concordance is for targets of type survival with the loss cox, which '%s' is not: use %s"
          .formatted(output.target(), fitting);
    }
    if (metric.isOfIntervals()) {
      return "%s is about intervals of numbers and sets of classes with probabilities; target '%s' has neither: use %s"
          .formatted(metric.word(), output.target(), fitting);
    }
    if (!metric.isOfClasses()) {
      return "%s is for numbers, but target '%s' is a class: use %s"
          .formatted(metric.word(), output.target(), fitting);
    }
    if (!measured.decides()) {
      return "%s is for classes, but target '%s' is a number: use %s, or set its 'type' to class"
          .formatted(metric.word(), output.target(), fitting);
    }
    if (!measured.scores().hasProbabilities()
        && (metric == Metric.LOG_LOSS || metric == Metric.BRIER || metric == Metric.ECE)) {
      return "%s needs probabilities, and %s trains a margin: use %s"
          .formatted(metric.word(), measured.loss().type(), fitting);
    }
    if (metric == Metric.TOP_K_ACCURACY && !measured.isSeparate()) {
      return measured.width() > 2
          ? "top_k_accuracy with k %d is always 1 for %d classes: write {\"type\": \"top_k_accuracy\", \"k\": %d}"
              .formatted(standard.k(), measured.width(), Math.min(3, measured.width() - 1))
          : "top_k_accuracy is for more than two classes: use accuracy";
    }
    return "%s is for one class per row out of several outputs, but each of the %d outputs of '%s' decides by itself: use %s"
        .formatted(metric.word(), measured.width(), output.output(), fitting);
  }
}
