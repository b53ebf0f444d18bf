package io.trainyard.job.review;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The names of the values that a job will measure. A monitor or a condition on another name would
 * wait for ever.
 *
 * @param epochs the names in every epoch's record
 * @param published the names among the metrics of the published version
 */
record MetricNames(Set<String> epochs, Set<String> published) {
  /** The database stores longer strings than this, so that other members of a record fit too. */
  static final int MAX_RECORD = 990_000;

  /** The longest number in JSON, with a colon and a comma. */
  private static final int MAX_NUMBER = 27;

  MetricNames {
    epochs = Set.copyOf(epochs);
    published = Set.copyOf(published);
  }

  /**
   * The names for a job.
   *
   * @param rows null when they are unknown: there may be any parts
   */
  static MetricNames of(ModelSpec model, TrainingSpec training, @Nullable DatasetSelection rows) {
    List<String> plain = new ArrayList<>();
    plain.add("loss");
    for (String target : model.targets().keySet()) {
      boolean alone = model.targets().size() == 1;
      if (!alone) {
        plain.add(target + "_loss");
      }
      for (Metric metric : training.metrics(target)) {
        plain.add(alone ? metric.word() : target + "_" + metric.word());
      }
    }
    Set<String> epochs = new LinkedHashSet<>(plain);
    if (rows == null || rows.hasValidation()) {
      plain.forEach(name -> epochs.add("val_" + name));
    }
    Set<String> published = new LinkedHashSet<>(epochs);
    if (rows == null || rows.split().test() > 0) {
      plain.forEach(name -> published.add("test_" + name));
    }
    return new MetricNames(epochs, published);
  }

  void check(TrainingSpec training, @Nullable OnSuccess onSuccess, Violations violations) {
    checkLength(violations);
    TrainingSpec.EarlyStopping stopping = training.earlyStopping();
    if (stopping != null) {
      require("/training/early_stopping/monitor", stopping.monitor(), epochs, violations);
    }
    if (training.stopping().maxFail() != null && !epochs.contains("val_loss")) {
      violations.add(
          "/training/max_fail",
          "max_fail counts epochs without a new lowest val_loss, but there are no validation rows"
              + way("val_loss", epochs));
    }
    String monitor = training.monitor();
    if (monitor != null) {
      require("/training/monitor", monitor, epochs, violations);
    } else if (training.publish() == TrainingSpec.Publish.BEST
        && stopping == null
        && !epochs.contains("val_loss")) {
      violations.add(
          "/training/publish",
          "The best epoch is chosen by val_loss, but there are no validation rows; give some, or"
              + " name another value in 'monitor'");
    }
    if (onSuccess != null) {
      for (String name : onSuccess.when().keySet()) {
        require(Violation.pointer("/on_success/when", name), name, published, violations);
      }
    }
  }

  void checkLength(Violations violations) {
    int length = recordLength();
    if (length > MAX_RECORD) {
      violations.add(
          "/training/metrics",
          "An epoch's record of "
              + published.size()
              + " values has about "
              + length
              + " characters, and at most "
              + MAX_RECORD
              + " can be stored; name fewer metrics, or train fewer targets at once");
    }
  }

  /** An upper bound for the longest record of the job as JSON. */
  private int recordLength() {
    long length = 0;
    for (String name : published) {
      length += JsonNodeFactory.instance.stringNode(name).toString().length() + MAX_NUMBER;
    }
    return (int) Math.min(length, Integer.MAX_VALUE);
  }

  /** How the job would measure a value; "" when that is not known. */
  private static String way(String name, Set<String> measured) {
    String part = name.startsWith("val_") ? "val_" : name.startsWith("test_") ? "test_" : "";
    if (part.equals("val_") && !measured.contains("val_loss")) {
      return "; give validation rows: \"split\": {\"validation\": 0.2} in 'dataset'";
    }
    if (part.equals("test_") && !measured.contains("test_loss")) {
      return "; give test rows: \"split\": {\"test\": 0.1} in 'dataset'";
    }
    String metric = name.substring(part.length());
    return Metric.meant(metric)
        .filter(meant -> !measured.contains(part + meant))
        .map(
            meant ->
                "; list '%s' in 'metrics'%s"
                    .formatted(
                        meant, meant.equals(metric) ? "" : " and monitor '" + part + meant + "'"))
        .orElseGet(() -> NameAdvice.of(name, measured));
  }

  private static void require(
      String pointer, String name, Set<String> measured, Violations violations) {
    if (!measured.contains(name)) {
      violations.add(
          pointer,
          "This job does not measure '%s', only %s%s"
              .formatted(
                  name,
                  String.join(", ", measured.stream().sorted().toList()),
                  way(name, measured)));
    }
  }
}
