package io.trainyard.spec.training;

import static io.trainyard.spec.Specs.training;
import static io.trainyard.spec.Specs.trainingFaults;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.training.Certainty.Intervals;
import io.trainyard.spec.training.Certainty.Method;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertaintyTest {
  private static String members(String more) {
    return "{'loss': 'mse', 'epochs': 1, " + more + "}";
  }

  private static Certainty certainty(String more) {
    return training(members(more)).certainty();
  }

  @Test
  void intervalsHoldNineOfTenWhenNothingElseIsSaid() {
    assertThat(certainty("'seed': 1")).isEqualTo(Certainty.NONE);
    assertThat(certainty("'intervals': {}").intervals()).isEqualTo(new Intervals(0.9, List.of()));
    assertThat(certainty("'calibration': 'temperature'"))
        .isEqualTo(new Certainty(Method.TEMPERATURE, null));
    Certainty both =
        certainty(
            "'calibration': 'isotonic', 'intervals': {'coverage': 0.5, 'from': ['low', 'high']}");
    assertThat(both)
        .isEqualTo(new Certainty(Method.ISOTONIC, new Intervals(0.5, List.of("low", "high"))));
    assertThat(both.members()).containsExactly("calibration", "intervals");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 'got 0.0'",
    "1, 'got 1.0'",
    "-0.5, 'got -0.5'",
    "95, 'got 95.0; write 0.95'",
    "100, 'got 100.0'"
  })
  void coverageIsAShareAboveZeroAndBelowOne(String coverage, String said) {
    assertThat(trainingFaults(members("'intervals': {'coverage': " + coverage + "}")))
        .containsExactly(
            "/intervals/coverage: A share above 0 and below 1 was expected, as 0.9, " + said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"'low'", "['low']", "['low', 'low']", "['low', 'middle', 'high']", "[]"})
  void quantilesAreThoseOfTwoTargets(String from) {
    assertThat(trainingFaults(members("'intervals': {'from': " + from + "}")))
        .singleElement()
        .asString()
        .startsWith("/intervals/from: Two targets were expected, of a low and a high quantile");
  }
}
