package io.trainyard.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.Http;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SweepTurnsTest {
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  private static SweepTurns turns(Duration limit) {
    return new SweepTurns(new SweepProperties(0, 1000, limit));
  }

  private int check() {
    int now = running.incrementAndGet();
    most.accumulateAndGet(now, Math::max);
    Http.pause(Duration.ofMillis(20));
    running.decrementAndGet();
    return now;
  }

  /** As a check of so many trials that it does not end. */
  private static int checkForever() {
    while (true) {
      SweepTurns.requireCaller();
    }
  }

  private static ServiceException refused(SweepTurns turns) {
    return refused(turns, () -> {});
  }

  private static ServiceException refused(SweepTurns turns, Runnable before) {
    return catchThrowableOfType(
        ServiceException.class,
        () ->
            turns.call(
                () -> {
                  before.run();
                  return checkForever();
                }));
  }

  @Test
  void aCallerHasOneSweepCheckedAtATime() {
    SweepTurns turns = turns(Duration.ofSeconds(20));
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        requests.execute(
            () -> {
              int _ = turns.call(this::check);
            });
      }
    }
    assertThat(most.get()).isEqualTo(1);
  }

  @Test
  void aCheckEndsWhenItsTimeIsOverAndSaysWhatToDo() {
    ServiceException late = refused(turns(Duration.ofMillis(50)));
    assertThat(late.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(late.detail())
        .contains("within 0.05 s", "trainyard.sweeps.check-timeout", "fewer trials");
  }

  @Test
  void theTimeOfACheckIncludesTheWaitForItsTurn() {
    SweepTurns turns = turns(Duration.ofMillis(50));
    AtomicBoolean runs = new AtomicBoolean();
    AtomicReference<@Nullable ServiceException> late = new AtomicReference<>();
    int _ =
        turns.call(
            () -> {
              // On another thread, as another request of this caller.
              try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
                requests.execute(() -> late.set(refused(turns, () -> runs.set(true))));
              }
              return 0;
            });
    assertThat(late.get()).isNotNull();
    assertThat(runs).isFalse();
  }

  @Test
  void aCheckEndsSoonAfterItsCallerHasLeft() {
    long start = System.nanoTime();
    ServiceException left =
        CurrentCaller.call(() -> true, () -> refused(turns(Duration.ofMinutes(1))));
    assertThat(left.detail()).isEqualTo("The caller has left");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void theNextCheckRunsAfterOneThatWasEnded() {
    SweepTurns turns = turns(Duration.ofMillis(300));
    var _ = refused(turns);
    assertThat(turns.call(this::check)).isEqualTo(1);
  }
}
