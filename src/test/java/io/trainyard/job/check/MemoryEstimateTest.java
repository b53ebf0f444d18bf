package io.trainyard.job.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.PeakMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The estimate that refuses a job as too large, against the peak that the kernel measures, for
 * random networks and trainings.
 */
@Isolated("memory of the process is measured")
@Tag("slow")
class MemoryEstimateTest {
  /** What the JVM and the libraries may add. */
  private static final long CONSTANT = 32L << 20;

  /**
   * Estimates above this may be at most {@link #MOST_TIMES} the peak. Rows are evaluated in groups
   * of about 64 MB by the same estimate, and take less than in training; so do layers before the
   * first weights.
   */
  private static final long LARGE = 96L << 20;

  private static final int MOST_TIMES = 4;

  @Test
  void estimateHoldsForAFewNetworks() throws IOException {
    check(1, 15);
  }

  @Test
  @Tag("attack")
  void estimateHoldsForManyNetworks() throws IOException {
    long seed = Long.getLong("attack.seed", System.nanoTime() % 1_000_000);
    check(seed, Integer.getInteger("attack.networks", 300));
  }

  private static void check(long seed, int count) throws IOException {
    RandomNetworks networks = new RandomNetworks(seed);
    // The first trainings load code and fill caches.
    for (int i = 0; i < 3; i++) {
      var _ = peak(networks.next());
    }
    List<String> faults = new ArrayList<>();
    int large = 0;
    double worst = 0;
    double least = Double.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      RandomNetworks.Case network = networks.next();
      long estimate =
          MemoryBudget.Need.of(
                  network.shapes(), network.training(), 0, network.rows(), network.rows())
              .total();
      long peak = peak(network);
      if (peak > estimate / 4 * 5 + CONSTANT
          || (estimate > LARGE && estimate > MOST_TIMES * peak)) {
        faults.add("estimate %d MB, peak %d MB: %s".formatted(estimate >> 20, peak >> 20, network));
      }
      if (estimate > LARGE) {
        large++;
        worst = Math.max(worst, (double) peak / estimate);
        least = Math.min(least, (double) peak / estimate);
      }
    }
    System.out.printf(
        "Memory of %d networks, seed %d: %d above %d MB, peak / estimate %.2f to %.2f%n",
        count, seed, large, LARGE >> 20, least, worst);
    assertThat(faults).as("-Dattack.seed=%d", seed).isEmpty();
    assertThat(large).as("large networks").isGreaterThan(count / 10);
  }

  private static long peak(RandomNetworks.Case network) throws IOException {
    return PeakMemory.of(network.plan(), network.training().batchSize(), network.rows());
  }
}
