package io.trainyard.job.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricNamesTest {
  private static List<Violation> violations(int names) {
    Set<String> names64 =
        IntStream.range(0, names)
            .mapToObj(i -> "t%063d".formatted(i))
            .collect(Collectors.toUnmodifiableSet());
    Violations violations = new Violations();
    new MetricNames(names64, names64, Map.of(), null).checkLength(0, violations);
    return violations.list();
  }

  @Test
  void recordThatCannotBeStoredIsRefused() {
    // Each value takes 64 characters, two quotes and at most 27 for the number.
    int most = MetricNames.MAX_RECORD / (64 + 2 + 27);
    assertThat(violations(most)).isEmpty();
    assertThat(violations(most + 1))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/training/metrics");
              assertThat(violation.detail()).contains("at most 990000 can be stored");
            });
  }

  private static final MetricNames.Parts ALL = new MetricNames.Parts(true, true);
  private static final MetricNames.Parts TRAINING_ONLY = new MetricNames.Parts(false, false);

  private static TrainingSpec training(String members) {
    Violations violations = new Violations();
    TrainingSpec read =
        SpecReader.readableTraining(
                StrictJson.parse("{\"loss\": \"mse\", \"epochs\": 3, %s}".formatted(members)),
                "",
                violations)
            .spec();
    assertThat(violations.list()).isEmpty();
    return Objects.requireNonNull(read);
  }

  private static List<String> said(String members, MetricNames.Parts parts) {
    TrainingSpec training = training(members);
    Violations violations = new Violations();
    MetricNames.of(training.metrics(), parts, List.of()).check(training, null, violations);
    return violations.list().stream().map(v -> v.pointer() + ": " + v.detail()).toList();
  }

  @Test
  void valuesOfPartsWithoutRowsAreNotMeasured() {
    TrainingSpec training = training("\"metrics\": [\"mae\"]");
    MetricNames all = MetricNames.of(training.metrics(), ALL, List.of());
    assertThat(all.epochs()).containsExactlyInAnyOrder("loss", "mae", "val_loss", "val_mae");
    assertThat(all.published())
        .containsExactlyInAnyOrder("loss", "mae", "val_loss", "val_mae", "test_loss", "test_mae");
    MetricNames few = MetricNames.of(training.metrics(), TRAINING_ONLY, List.of());
    assertThat(few.epochs()).containsExactlyInAnyOrder("loss", "mae");
    assertThat(few.published()).containsExactlyInAnyOrder("loss", "mae");
  }

  /** They are learned when training ends: the version has them, and no epoch. */
  @Test
  void metricsOfIntervalsAreOfTheVersionAlone() {
    TrainingSpec training = training("\"metrics\": [\"coverage\"], \"intervals\": {}");
    MetricNames all = MetricNames.of(training.metrics(), ALL, List.of());
    assertThat(all.epochs()).containsExactlyInAnyOrder("loss", "val_loss");
    assertThat(all.published())
        .containsExactlyInAnyOrder(
            "loss", "val_loss", "val_coverage", "test_loss", "test_coverage");
    MetricNames few = MetricNames.of(training.metrics(), TRAINING_ONLY, List.of());
    assertThat(few.published()).containsExactlyInAnyOrder("loss");
  }

  @Test
  void aValueThatIsNotMeasuredIsToldWithTheWayToMeasureIt() {
    assertThat(said("\"monitor\": \"val_loss\"", ALL)).isEmpty();
    assertThat(said("\"monitor\": \"val_loss\"", TRAINING_ONLY))
        .singleElement(STRING)
        .startsWith("/training/monitor: This job does not measure 'val_loss', only loss")
        .contains("give validation rows");
    assertThat(said("\"monitor\": \"test_loss\"", TRAINING_ONLY))
        .singleElement(STRING)
        .contains("give test rows");
    assertThat(said("\"monitor\": \"val_mae\"", ALL))
        .singleElement(STRING)
        .contains("list 'mae' in 'metrics'");
  }

  /** Early stopping on the same value has said it already. */
  @Test
  void whoMonitorsAnExpressionSaysWhetherMoreIsBetter() {
    String metric =
        "\"metrics\": [{\"type\": \"expression\", \"name\": \"error\","
            + " \"expression\": \"mean(abs(y_pred - y_true))\"%s}], \"monitor\": \"val_error\"";
    String stopping = ", \"early_stopping\": {\"monitor\": \"%s\", \"patience\": 2%s}";
    String unknown = metric.formatted("");
    assertThat(said(metric.formatted(", \"mode\": \"max\""), ALL)).isEmpty();
    assertThat(said(unknown, ALL))
        .singleElement(STRING)
        .startsWith("/training/monitor: 'val_error' is an expression");
    assertThat(said(unknown + stopping.formatted("val_error", ", \"mode\": \"min\""), ALL))
        .isEmpty();
    assertThat(said(unknown + stopping.formatted("val_loss", ", \"mode\": \"min\""), ALL))
        .singleElement(STRING)
        .startsWith("/training/monitor: ");
    assertThat(said(unknown + stopping.formatted("val_error", ""), ALL))
        .hasSize(2)
        .allMatch(said -> said.contains("'val_error' is an expression"));
  }
}
