package io.trainyard.spec.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.stream.Collectors;

/** Refuses metrics that say nothing about their target, and names those that do. */
record MetricCheck(TrainedOutput trained, LossSpec loss, TrainingSpec training) {

  void check(Violations violations) {
    TargetValues values = trained.values();
    if (values == null) {
      return;
    }
    boolean classes = values instanceof TargetValues.Classes;
    List<Metric> metrics = training.metrics(trained.target());
    for (int i = 0; i < metrics.size(); i++) {
      if (!metrics.get(i).fits(classes, loss)) {
        violations.add(Violation.pointer(pointer(), i), detail(metrics.get(i), classes));
      }
    }
  }

  private String pointer() {
    String all = trained.check().trainingPointer() + "/metrics";
    return training.metrics().containsKey(trained.target())
        ? Violation.pointer(all, trained.target())
        : all;
  }

  private String detail(Metric metric, boolean classes) {
    String fitting =
        Metric.fitting(classes, loss).stream().map(Metric::word).collect(Collectors.joining(", "));
    String detail =
        classes
            ? "%s is for numbers, but target '%s' is a class: use %s"
                .formatted(metric.word(), trained.target(), fitting)
            : "%s counts right classes, but target '%s' is a number: use %s, or set its 'type' to class"
                .formatted(metric.word(), trained.target(), fitting);
    boolean several = trained.check().model().targets().size() > 1;
    return several && !training.metrics().containsKey(trained.target())
        ? detail
            + ". Metrics can be given by target: {\"%s\": [\"%s\"], ...}"
                .formatted(trained.target(), Metric.fitting(classes, loss).getFirst().word())
        : detail;
  }
}
