package io.trainyard.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Networks that end the process of a job or of the service: none is known, none is found. */
@Tag("long")
class CrashSearchTest {
  /** Divides no round, so that later rounds have the cells that earlier ones leave out. */
  private static final int SAMPLE_STEP = 5;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 300, unit = TimeUnit.SECONDS)
  void aSampleOfNetworksRuns() throws Exception {
    check(1, Cases.all() ? 2 : 1, SAMPLE_STEP);
  }

  @Test
  @Tag("attack")
  @Timeout(value = 3, unit = TimeUnit.HOURS)
  void everyNetworkRuns() throws Exception {
    check(Long.getLong("attack.seed", System.nanoTime() % 1_000_000), rounds(), 1);
  }

  private static int rounds() {
    return Integer.getInteger("attack.rounds", 20);
  }

  private void check(long seed, int rounds, int step) throws Exception {
    long start = System.nanoTime();
    CrashSearch.Findings found =
        new CrashSearch(folder, seed).search((long) rounds * NetworkCases.perRound(), step);
    System.out.printf(
        "Crash search, seed %d: %d networks in %d s, %d deaths, %d failures, %d diverged%n",
        seed,
        found.run(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        found.deaths().size(),
        found.failures().size(),
        found.diverged());
    assertThat(found.deaths()).as("deaths, -Dattack.seed=%d", seed).isEmpty();
    assertThat(found.failures()).as("failures, -Dattack.seed=%d", seed).isEmpty();
    assertThat(found.run()).isEqualTo(Math.ceilDiv(rounds * NetworkCases.perRound(), step));
    assertThat(found.diverged()).isLessThan(Math.max(2, found.run() / 50));
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aDeathIsFoundAndTheSearchGoesOn() throws Exception {
    CrashSearch.Findings found = new CrashSearch(folder, 1, 1).search(3, 1);
    assertThat(found.deaths())
        .singleElement()
        .asString()
        .contains("number 1 ", "planted", "SIGSEGV", "GroupNormBackward");
    assertThat(found.run()).isEqualTo(3);
    assertThat(found.failures()).isEmpty();
  }
}
