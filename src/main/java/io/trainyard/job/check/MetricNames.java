package io.trainyard.job.check;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The names of the values that a job will measure. A monitor or a condition on another name would
 * wait for ever.
 *
 * @param epochs the names in every epoch's record
 * @param published the names among the metrics of the published version
 * @param metrics by their names without the part of the data
 * @param repeated a name that two values would have, or null
 */
record MetricNames(
    Set<String> epochs,
    Set<String> published,
    Map<String, MetricSpec> metrics,
    @Nullable String repeated) {
  /** The database stores longer strings than this, so that other members of a record fit too. */
  static final int MAX_RECORD = 990_000;

  /** What the layers' numbers need at most. */
  private static final int LAYERS = 110_000;

  /** The longest number in JSON, with a colon and a comma. */
  private static final int MAX_NUMBER = 27;

  MetricNames {
    // In their order: of two names that are equally near, advice gives the first.
    epochs = Collections.unmodifiableSet(new LinkedHashSet<>(epochs));
    published = Collections.unmodifiableSet(new LinkedHashSet<>(published));
    metrics = Map.copyOf(metrics);
  }

  /** Whether there are rows for validation and for the test. */
  record Parts(boolean validation, boolean test) {
    /**
     * The parts of a job's rows.
     *
     * @param rows null when they are unknown: there may be any parts
     * @param plan null when there is none; then a column of parts may name any
     */
    static Parts of(@Nullable DatasetSelection rows, @Nullable DataPlan plan) {
      return plan == null
          ? new Parts(rows == null || rows.hasValidation(), rows == null || rows.split().tests())
          : new Parts(plan.hasValidation(), plan.testRows() > 0);
    }
  }

  /**
   * The names for a job.
   *
   * @param metrics of each target
   * @param parts that the rows have
   * @param reported by the optimizer, for the training rows
   */
  static MetricNames of(Map<String, List<MetricSpec>> metrics, Parts parts, List<String> reported) {
    List<String> plain = new ArrayList<>();
    List<String> atEnd = new ArrayList<>();
    plain.add("loss");
    Map<String, MetricSpec> named = new LinkedHashMap<>();
    metrics.forEach(
        (target, specs) -> {
          String prefix = MetricSpec.prefix(target, metrics.size());
          if (metrics.size() > 1) {
            plain.add(prefix + "loss");
          }
          for (MetricSpec metric : specs) {
            (metric.isOfIntervals() ? atEnd : plain).add(prefix + metric.name());
            named.put(prefix + metric.name(), metric);
          }
        });
    Set<String> once = new HashSet<>();
    String repeated =
        Stream.of(plain, atEnd, reported)
            .flatMap(List::stream)
            .filter(name -> !once.add(name))
            .findFirst()
            .orElse(null);
    Set<String> epochs = new LinkedHashSet<>(plain);
    if (parts.validation()) {
      plain.forEach(name -> epochs.add("val_" + name));
    }
    epochs.addAll(reported);
    Set<String> published = new LinkedHashSet<>(epochs);
    plain.addAll(atEnd);
    if (parts.validation()) {
      atEnd.forEach(name -> published.add("val_" + name));
    }
    if (parts.test()) {
      plain.forEach(name -> published.add("test_" + name));
    }
    return new MetricNames(epochs, published, named, repeated);
  }

  void check(TrainingSpec training, @Nullable OnSuccess onSuccess, Violations violations) {
    checkLength(training.diagnostics().isEmpty() ? 0 : LAYERS, violations);
    if (repeated != null) {
      violations.add(
          "/training/metrics",
          "Two values would be named '%s'; give a metric another 'name'".formatted(repeated));
    }
    TrainingSpec.EarlyStopping stopping = training.earlyStopping();
    if (stopping != null) {
      require("/training/early_stopping/monitor", stopping.monitor(), epochs, violations);
      if (stopping.mode() == null) {
        requireMode("/training/early_stopping/monitor", stopping.monitor(), violations);
      }
    }
    Integer maxFail = training.stopping().maxFail();
    if (maxFail != null
        && !maxFail.equals(training.optimizer().defaults().maxFail())
        && !epochs.contains("val_loss")) {
      violations.add(
          "/training/max_fail",
          "max_fail counts epochs without a new lowest val_loss, but there are no validation rows"
              + way("val_loss", epochs));
    }
    String plateau = training.schedule().monitor();
    if (plateau != null) {
      require("/training/learning_rate_schedule/monitor", plateau, epochs, violations);
      requireMode("/training/learning_rate_schedule/monitor", plateau, violations);
    }
    String monitor = training.monitor();
    if (monitor != null) {
      require("/training/monitor", monitor, epochs, violations);
      if (stopping == null || stopping.mode() == null || !monitor.equals(stopping.monitor())) {
        requireMode("/training/monitor", monitor, violations);
      }
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

  /** Whether more is better. */
  boolean rises(String value) {
    MetricSpec metric = metrics.get(value.startsWith("val_") ? value.substring(4) : value);
    return metric != null && Boolean.TRUE.equals(metric.rises());
  }

  /** What decides between epochs must say whether more is better. */
  private void requireMode(String pointer, String monitor, Violations violations) {
    String name = monitor.startsWith("val_") ? monitor.substring("val_".length()) : monitor;
    MetricSpec metric = metrics.get(name);
    if (metric != null && metric.rises() == null) {
      violations.add(
          pointer,
          "'%s' is an expression: give the metric \"mode\": \"max\" if more is better, else \"min\""
              .formatted(monitor));
    }
  }

  /**
   * Adds a violation when a record would be too long.
   *
   * @param others characters that other members need
   */
  void checkLength(int others, Violations violations) {
    long length = (long) recordLength() + others;
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

  /** Whether a name, with its target or without, is that of a metric of intervals. */
  private static boolean isOfIntervals(String name) {
    return Stream.of(Metric.values())
        .filter(Metric::isOfIntervals)
        .anyMatch(each -> name.equals(each.word()) || name.endsWith("_" + each.word()));
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
    if (isOfIntervals(metric)) {
      return "; intervals are learned when training ends, so no epoch has it";
    }
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
          () ->
              new Violation(
                  pointer,
                  "This job does not measure '%s', only %s%s"
                      .formatted(
                          name,
                          String.join(", ", measured.stream().sorted().toList()),
                          way(name, measured))));
    }
  }
}
