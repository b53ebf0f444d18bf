package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SuspectTurnsTest {
  private final SuspectTurns turns = new SuspectTurns();

  @Test
  void aSuspectRunsWhileNoOtherJobDoes() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger mostBesideASuspect = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      boolean suspect = i % 4 == 0;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (SuspectTurns.Turn _ = turns.take(suspect)) {
                      int now = running.incrementAndGet();
                      pause();
                      if (suspect) {
                        mostBesideASuspect.accumulateAndGet(now, Math::max);
                        mostBesideASuspect.accumulateAndGet(running.get(), Math::max);
                      }
                      running.decrementAndGet();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(mostBesideASuspect).hasValue(1);
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void otherJobsRunAtTheSameTime() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Runnable job =
        () -> {
          try (SuspectTurns.Turn _ = turns.take(false)) {
            both.countDown();
            assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    Thread other = Thread.ofPlatform().start(job);
    job.run();
    other.join();
  }
}
