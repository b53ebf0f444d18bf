package io.trainyard.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-31",
        "2024-02-29",
        " 2026-01-31  ",
        "2026-01-31T23:59",
        "2026-01-31 12:00:00",
        "2026-01-31T12:00:00.123456789",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-01-31T12:00:00.5+02:00",
        "2026-01-31T12:00-11:30"
      })
  void isATimestamp(String text) {
    assertThat(TimestampText.matches(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "2026",
        "2026-1-31",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-01-00",
        "+2026-01-31",
        "2026-01-31T",
        "2026-01-31T24:00",
        "2026-01-31T12:60",
        "2026-01-31T12:00:60",
        "2026-01-31T12:00:00.",
        "2026-01-31T12:00:00Zx",
        "2026-01-31T12:00+2:00",
        "2026-01-31Z",
        "2026-01-31x12:00",
        "２026-01-31"
      })
  void isNone(String text) {
    assertThat(TimestampText.matches(text)).isFalse();
  }
}
