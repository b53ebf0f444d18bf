package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ResolvedVersionsTest {
  private final FakeModels fakes = new FakeModels();

  @Test
  void ownChangesAreSeenAtOnceAndTheLastAnswerOutlivesTheDatabase() {
    long[] now = {0};
    ResolvedVersions resolved = new ResolvedVersions(fakes.resolver, 1000, () -> now[0]);
    fakes.add(1);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
    assertThat(fakes.resolutions).isEqualTo(1);
    fakes.add(1);
    fakes.changes++;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(3);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(3);
    now[0] = 1000;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(4);
    fakes.away = true;
    now[0] = 5000;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(4);
    assertThatThrownBy(() -> resolved.resolve("other", "latest"))
        .hasMessage("the database is away");
  }

  @Test
  void databaseThatDoesNotAnswerDelaysAtMostOnePrediction() {
    long[] now = {0};
    ResolvedVersions resolved = new ResolvedVersions(fakes.resolver, 1000, () -> now[0]);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    fakes.gate = new CountDownLatch(1);
    now[0] = 1000;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    now[0] += Duration.ofSeconds(1).toNanos();
    long began = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    }
    // One waits; if each did, they would take many times as long.
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    fakes.add(1);
    fakes.gate.countDown();
    fakes.changes++;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
  }

  /** As on a busy machine: the answer of the database takes longer than one of others may. */
  @Test
  void ownChangesAreSeenHoweverLongTheDatabaseTakes() {
    ResolvedVersions resolved = new ResolvedVersions(fakes.resolver, 1000, () -> 0);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    CountDownLatch gate = new CountDownLatch(1);
    fakes.gate = gate;
    fakes.add(1);
    fakes.changes++;
    CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS).execute(gate::countDown);

    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
  }

  @Test
  void steadyCallersSeeAChangeOfOthersWithoutWaitingForTheDatabase() throws Exception {
    long[] now = {0};
    ResolvedVersions resolved =
        new ResolvedVersions(fakes.resolver, Duration.ofSeconds(1).toNanos(), () -> now[0]);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    fakes.add(1);
    fakes.gate = new CountDownLatch(1);
    now[0] = Duration.ofMillis(600).toNanos();
    // A thread that is interrupted cannot wait.
    Thread.currentThread().interrupt();
    try {
      assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }

    fakes.gate.countDown();
    while (resolved.resolve("m", "latest").version() != 2) {
      Thread.sleep(1);
    }
  }
}
