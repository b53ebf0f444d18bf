package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailedLoadsTest {
  private final AtomicLong now = new AtomicLong();
  private final FailedLoads failed = new FailedLoads(Duration.ofSeconds(5), now::get);
  private final IllegalStateException cause = new IllegalStateException("damaged");

  private void pass(double seconds) {
    now.addAndGet((long) (seconds * 1e9));
  }

  @Test
  void eachFailureWaitsTwiceAsLongUpToTheLongestPause() {
    assertThat(failed.barring(1)).isNull();
    for (double pause : new double[] {1, 2, 4, 5, 5}) {
      failed.add(1, cause);
      pass(pause - 0.001);
      assertThat(failed.barring(1)).as("within %s s", pause).isSameAs(cause);
      assertThat(failed.barring(2)).as("another version").isNull();
      pass(0.001);
      assertThat(failed.barring(1)).as("after %s s", pause).isNull();
    }
    failed.remove(1);
    failed.add(1, cause);
    pass(1);
    assertThat(failed.barring(1)).as("it was loaded in between").isNull();
  }

  @Test
  void theLastThousandFailuresAreKept() {
    for (int version = 0; version < 1_000; version++) {
      failed.add(version, cause);
    }
    assertThat(failed.barring(0)).isSameAs(cause);
    failed.add(1_000, cause);
    assertThat(failed.barring(0)).isNull();
    assertThat(failed.barring(1)).isSameAs(cause);
    assertThat(failed.barring(1_000)).isSameAs(cause);
  }
}
