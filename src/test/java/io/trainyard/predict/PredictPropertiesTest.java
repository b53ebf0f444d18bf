package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class PredictPropertiesTest {
  private static PredictProperties with(String name, String setting) {
    return new Binder(
            new MapConfigurationPropertySource(Map.of("trainyard.predict." + name, setting)))
        .bind("trainyard.predict", PredictProperties.class)
        .get();
  }

  @ParameterizedTest
  @CsvSource({
    "threads, -1",
    "threads, 1025",
    "queue-capacity, 0",
    "queue-capacity, 1000001",
    "timeout, 0s",
    "timeout, 2h",
    "load-timeout, 0s",
    "load-timeout, 2h",
    "resolved-for, 0s",
    "load-threads, 0",
    "load-threads, 65",
    "load-limit, 0s",
    "longest-pause, 0s",
    "longest-pause, 2h",
    "warm-up, -1s",
    "warm-up, 2m",
    "loaded-bytes, 1KB",
    "memory, 15MB"
  })
  void aSettingBeyondItsBoundsStopsTheStart(String name, String setting) {
    assertThatThrownBy(() -> with(name, setting))
        .rootCause()
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("trainyard.predict." + name + " must be");
  }

  @ParameterizedTest
  @CsvSource({
    "threads, 0",
    "threads, 1024",
    "queue-capacity, 1",
    "queue-capacity, 1000000",
    "timeout, 1ms",
    "timeout, 1h",
    "load-timeout, 1ms",
    "resolved-for, 1ms",
    "load-threads, 1",
    "load-threads, 64",
    "load-limit, 1h",
    "longest-pause, 1ms",
    "warm-up, 0s",
    "warm-up, 1m",
    "loaded-bytes, 1MB",
    "memory, 16MB"
  })
  void theBoundsThemselvesAreAllowed(String name, String setting) {
    assertThat(with(name, setting)).isNotNull();
  }
}
