package io.trainyard.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.memory.MemoryShares.Part;
import io.trainyard.memory.MemoryShares.Processes;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySharesTest {
  private static final long GB = 1L << 30;

  @ParameterizedTest
  @ValueSource(longs = {2 * GB, 4 * GB, 19 * GB, 1000 * GB})
  void theDefaultPartsAddUpToTheBudget(long total) {
    MemoryShares shares = MemoryShares.of(total, Processes.one(total / 4), Map.of());

    assertThat(shares.sum()).isBetween(total - total / 100, total);
    assertThat(shares.exceeded()).isFalse();
    assertThat(shares.of(Part.JOBS)).isGreaterThan(2 * shares.of(Part.DATASETS));
  }

  @Test
  void aPartThatIsSetLeavesTheRestToTheOthers() {
    MemoryShares shares = MemoryShares.of(8 * GB, Processes.one(GB), Map.of(Part.JOBS, 5 * GB));

    assertThat(shares.of(Part.JOBS)).isEqualTo(5 * GB);
    // 8 − 1 − 0.375 − 5 = 1.625 GB, at 20 : 15 : 15.
    assertThat(shares.of(Part.DATASETS) >> 20).isEqualTo(665);
    assertThat(shares.of(Part.MODELS) >> 20).isEqualTo(499);
    assertThat(shares.exceeded()).isFalse();
  }

  @Test
  void partsThatNeedMoreThanTheBudgetAreSeen() {
    assertThat(MemoryShares.of(8 * GB, Processes.one(GB), Map.of(Part.JOBS, 8 * GB)).exceeded())
        .isTrue();
    assertThat(MemoryShares.of(2 * GB, Processes.one(6 * GB), Map.of()).exceeded()).isTrue();
  }

  @Test
  void noPartIsUseless() {
    MemoryShares shares = MemoryShares.of(GB / 2, Processes.one(GB / 4), Map.of());

    assertThat(shares.parts().values()).allMatch(bytes -> bytes >= 64 << 20);
  }

  @Test
  void theSumIsReadableInOneLine() {
    assertThat(MemoryShares.of(8 * GB, Processes.one(2 * GB), Map.of()).text())
        .isEqualTo(
            "heap 2048 MB + libraries 384 MB + jobs 2880 MB + reading datasets 1152 MB + loaded"
                + " models 864 MB + predictions 864 MB = 8192 MB of 8192 MB");
  }

  @Test
  void processesForFilesOfCallersAreInTheBudget() {
    MemoryShares shares = MemoryShares.of(8 * GB, new Processes(GB, 0, 0, 2), Map.of());

    assertThat(shares.text()).startsWith("heap 1024 MB + libraries 384 MB + 2 × host 96 MB + jobs");
    // 8 − 1 − 0.375 − 2 · 0.09375 = 6.4375 GB
    assertThat(shares.of(Part.JOBS) >> 20).isEqualTo(6592 / 2);
    assertThat(shares.exceeded()).isFalse();
  }

  @Test
  void workersNeedHeapsAndLibrariesToo() {
    MemoryShares shares = MemoryShares.of(8 * GB, new Processes(GB, 2, GB / 2, 0), Map.of());

    assertThat(shares.text())
        .startsWith(
            "heap 1024 MB + libraries 384 MB + 2 × worker (heap 512 MB + libraries 256 MB) + jobs");
    // 8 − 1 − 0.375 − 2 · 0.75 = 5.125 GB
    assertThat(shares.of(Part.JOBS) >> 20).isEqualTo(5248 / 2);
    assertThat(shares.exceeded()).isFalse();
    // Its heap and libraries, one of two jobs, reading rows, and half of the predictions.
    assertThat(shares.ofOneWorker(2) >> 20).isEqualTo(768 + 5248 / 4 + 1050 + 393);
  }
}
