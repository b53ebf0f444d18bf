package io.trainyard.onnx.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.SetClock;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrashingCallersTest {
  private final SetClock clock = new SetClock();
  private final CrashingCallers callers = new CrashingCallers(clock);

  private void crashTwice() {
    clock.now = Instant.parse("2026-01-02T03:04:05Z");
    callers.crashed("mallory");
    callers.crashed("mallory");
    callers.overran("mallory");
    callers.overran("mallory");
  }

  @Test
  void whoCrashesTwiceWaitsForAMinute() {
    crashTwice();
    assertThatThrownBy(() -> callers.refuse("mallory"))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("refused for 60 s");
    assertThat(callers.isApart("mallory")).isTrue();
    assertThatCode(() -> callers.refuse("alice")).doesNotThrowAnyException();
    clock.now = clock.now.plusSeconds(60);
    assertThatCode(() -> callers.refuse("mallory")).doesNotThrowAnyException();
  }

  /** A clock that was ahead, and is set right, must keep nobody out for as long as it was ahead. */
  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "P1D", "PT-1H", "P-1D"})
  void nobodyWaitsForLongerWhenTheClockJumps(String jump) {
    crashTwice();
    clock.now = clock.now.plus(Duration.parse(jump));
    assertThatCode(() -> callers.refuse("mallory")).doesNotThrowAnyException();
    assertThat(callers.isApart("mallory")).isFalse();
  }
}
