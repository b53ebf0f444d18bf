package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("the watch of the process is counted")
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

  @Test
  @Timeout(30)
  void aTaskThatEndedIsWatchedNoMore() throws InterruptedException {
    Watchdog.arm();
    try (var executor = Executors.newSingleThreadScheduledExecutor()) {
      PeriodicTask.start(executor, "planted", Duration.ZERO, Duration.ofMillis(1), () -> {});
      assertThat(Watchdog.count()).isEqualTo(1);
      executor.shutdownNow();
      while (Watchdog.count() > 0) {
        Thread.sleep(20);
      }
    } finally {
      Watchdog.disarm();
    }
  }
}
