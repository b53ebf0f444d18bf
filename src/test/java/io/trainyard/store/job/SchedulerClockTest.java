package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.kagkarlsson.scheduler.Waiter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that jumps while jobs are looked for. */
@Timeout(30)
class SchedulerClockTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);
  private final AtomicLong nanos = new AtomicLong();

  private final Clock wrong =
      new Clock() {
        @Override
        public Instant instant() {
          return START.plusNanos(nanos.get()).plus(offset.get());
        }

        @Override
        public ZoneOffset getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
          return this;
        }
      };

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "P1D", "PT-1H", "P-1D"})
  void aJumpIsToldOnceAsTimeThatHasPassed(String jump) {
    SchedulerClock clock = new SchedulerClock(wrong, nanos::get);
    Instant end = clock.now().plusSeconds(1);
    pass(Duration.ofSeconds(1));
    offset.set(Duration.parse(jump));
    assertThat(clock.now().isBefore(end)).isFalse();
    assertThat(clock.now()).isEqualTo(wrong.instant());
    pass(Duration.ofMinutes(5));
    assertThat(clock.now()).isEqualTo(wrong.instant());
  }

  @Test
  void aStepOfAClockThatIsKeptRightIsNoJump() {
    SchedulerClock clock = new SchedulerClock(wrong, nanos::get);
    assertThat(clock.now()).isEqualTo(START);
    offset.set(Duration.ofMillis(-900));
    assertThat(clock.now()).isEqualTo(START.minusMillis(900));
  }

  /** As db-scheduler's threads do between two looks. */
  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "P1D", "PT-1H", "P-1D"})
  @Tag("long")
  void aWaitEndsThoughTheClockIsSet(String jump) throws Exception {
    Clock real =
        new Clock() {
          @Override
          public Instant instant() {
            return Instant.now().plus(offset.get());
          }

          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }
        };
    Waiter waiter = new Waiter(Duration.ofMillis(300), new SchedulerClock(real, System::nanoTime));
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(2);
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    waits.countDown();
                    waiter.doWait();
                    over.countDown();
                    waiter.doWait();
                    over.countDown();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    waits.await();
    Thread.sleep(100);
    offset.set(Duration.parse(jump));
    assertThat(over.await(5, TimeUnit.SECONDS)).isTrue();
    thread.join();
  }
}
