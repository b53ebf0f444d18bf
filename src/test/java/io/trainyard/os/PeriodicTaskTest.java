package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicTaskTest {
  @Test
  void goesOnAfterAnExceptionAndAnError() throws InterruptedException {
    long before = PeriodicTask.failures();
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch third = new CountDownLatch(1);
    try (var executor = Executors.newSingleThreadScheduledExecutor()) {
      PeriodicTask.start(
          executor,
          "planted",
          Duration.ZERO,
          Duration.ofMillis(1),
          () -> {
            switch (runs.incrementAndGet()) {
              case 1 -> throw new IllegalStateException("planted");
              case 2 -> throw new OutOfMemoryError("planted");
              default -> third.countDown();
            }
          });
      assertThat(third.await(10, TimeUnit.SECONDS)).isTrue();
      executor.shutdownNow();
    }
    assertThat(PeriodicTask.failures() - before).isEqualTo(2);
  }
}
