package io.trainyard.inspect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class StudentTTest {
  static Stream<JsonNode> cases() {
    return Golden.read("slices.json").get("student_t").valueStream();
  }

  /** Of scipy.stats.t.ppf. */
  @ParameterizedTest
  @MethodSource("cases")
  void hasTheValuesOfScipy(JsonNode golden) {
    double t = golden.get("t").doubleValue();
    assertThat(StudentT.within(golden.get("share").doubleValue(), golden.get("degrees").intValue()))
        .isCloseTo(t, within(1e-9 * t));
  }
}
