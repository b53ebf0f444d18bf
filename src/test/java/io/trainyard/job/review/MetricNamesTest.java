package io.trainyard.job.review;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import java.util.List;
import java.util.Map;
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
}
