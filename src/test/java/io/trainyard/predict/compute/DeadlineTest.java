package io.trainyard.predict.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  @Test
  void aMissedOneTellsSeconds() {
    assertThat(missed(Duration.ofSeconds(30))).isEqualTo("The answer was not ready within 30 s");
    assertThat(missed(Duration.ofMillis(250))).isEqualTo("The answer was not ready within 0.25 s");
  }

  private static String missed(Duration limit) {
    long start = System.nanoTime() - limit.toNanos();
    return new Deadline(start, limit, () -> false).missed().detail();
  }
}
