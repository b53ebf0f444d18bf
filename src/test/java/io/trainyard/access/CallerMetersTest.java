package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallerMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CallerMeters meters = new CallerMeters(registry);

  private FunctionTimer of(String caller) {
    return registry.get("trainyard.callers").tag("caller", caller).functionTimer();
  }

  @Test
  void fiftyLargestHaveALabel() {
    for (int i = 1; i <= 60; i++) {
      for (int call = 0; call < i; call++) {
        meters.ended("key-" + i, TimeUnit.SECONDS.toNanos(1));
      }
    }
    // A new name ranks them.
    meters.ended("late", TimeUnit.SECONDS.toNanos(1));
    assertThat(registry.get("trainyard.callers").functionTimers()).hasSize(CallerMeters.MOST + 1);
    assertThat(of("key-60").count()).isEqualTo(60);
    assertThat(of("key-60").totalTime(TimeUnit.SECONDS)).isEqualTo(60);
    assertThat(of("key-11").count()).isEqualTo(11);
    // 1 to 10, and the late one.
    assertThat(of(CallerMeters.OTHER).count()).isEqualTo(56);
  }

  @Test
  void aCallerHasItsLabelFromItsFirstRequest() {
    meters.ended("first", TimeUnit.SECONDS.toNanos(2));
    assertThat(of("first").totalTime(TimeUnit.SECONDS)).isEqualTo(2);
    assertThat(of(CallerMeters.OTHER).count()).isZero();
  }

  /** Tokens may bring any number of names; those that are known are still counted apart. */
  @Test
  void namesAreCountedApartUpToABound() {
    for (int i = 0; i < 5_000; i++) {
      meters.ended("key-" + i, 1);
    }
    meters.ended("key-7", TimeUnit.SECONDS.toNanos(100));
    meters.ended("late", TimeUnit.SECONDS.toNanos(200));
    assertThat(of("key-7").count()).isEqualTo(2);
    assertThat(registry.find("trainyard.callers").tag("caller", "late").functionTimer()).isNull();
    assertThat(of(CallerMeters.OTHER).totalTime(TimeUnit.SECONDS)).isGreaterThanOrEqualTo(200);
  }
}
