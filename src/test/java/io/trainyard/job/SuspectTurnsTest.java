package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
                    try (SuspectTurns.Turn _ = awaitTurn(suspect)) {
                      int now = running.incrementAndGet();
                      Http.pause(Duration.ofMillis(5));
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

  /** As the queue does: it picks the job again. */
  private SuspectTurns.Turn awaitTurn(boolean suspect) {
    while (true) {
      SuspectTurns.Turn turn = suspect ? turns.takeAlone() : turns.take();
      if (turn != null) {
        return turn;
      }
      Http.pause(Duration.ofMillis(1));
    }
  }

  @Test
  void otherJobsRunAtTheSameTime() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Runnable job =
        () -> {
          try (SuspectTurns.Turn _ = turns.take()) {
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

  @Test
  void aSuspectLeavesWhileALongJobRuns() {
    try (SuspectTurns.Turn longJob = turns.take()) {
      assertThat(longJob).isNotNull();
      assertThat(turns.takeAlone()).isNull();
      try (SuspectTurns.Turn another = turns.take()) {
        assertThat(another).as("of a job that comes after the suspect").isNotNull();
      }
    }
    try (SuspectTurns.Turn suspect = turns.takeAlone()) {
      assertThat(suspect).isNotNull();
      assertThat(turns.take()).as("beside a suspect").isNull();
      assertThat(turns.takeAlone()).isNull();
    }
  }

  @Test
  void noOtherJobStartsBeforeASuspectThatIsNext() {
    SuspectTurns.Turn longJob = Objects.requireNonNull(turns.take());
    turns.reserve();
    assertThat(turns.takeAlone()).isNull();
    longJob.close();
    assertThat(turns.take()).isNull();
    Objects.requireNonNull(turns.takeAlone()).close();
    try (SuspectTurns.Turn later = turns.take()) {
      assertThat(later).isNotNull();
    }
  }
}
