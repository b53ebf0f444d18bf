package io.trainyard.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.memory.MemoryShares.Part;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySharesTest {
  private static final long GB = 1L << 30;

  @ParameterizedTest
  @ValueSource(longs = {2 * GB, 4 * GB, 19 * GB, 1000 * GB})
  void theDefaultPartsAddUpToTheBudget(long total) {
    MemoryShares shares = MemoryShares.of(total, total / 4, Map.of());

    assertThat(shares.sum()).isBetween(total - total / 100, total);
    assertThat(shares.exceeded()).isFalse();
    assertThat(shares.of(Part.JOBS)).isGreaterThan(2 * shares.of(Part.DATASETS));
  }

  @Test
  void aPartThatIsSetLeavesTheRestToTheOthers() {
    MemoryShares shares = MemoryShares.of(8 * GB, GB, Map.of(Part.JOBS, 5 * GB));

    assertThat(shares.of(Part.JOBS)).isEqualTo(5 * GB);
    // 8 − 1 − 0.5 − 5 = 1.5 GB, at 20 : 15 : 15.
    assertThat(shares.of(Part.DATASETS) >> 20).isEqualTo(614);
    assertThat(shares.of(Part.MODELS) >> 20).isEqualTo(460);
    assertThat(shares.exceeded()).isFalse();
  }

  @Test
  void partsThatNeedMoreThanTheBudgetAreSeen() {
    assertThat(MemoryShares.of(8 * GB, GB, Map.of(Part.JOBS, 8 * GB)).exceeded()).isTrue();
    assertThat(MemoryShares.of(2 * GB, 6 * GB, Map.of()).exceeded()).isTrue();
  }

  @Test
  void noPartIsUseless() {
    MemoryShares shares = MemoryShares.of(GB / 2, GB / 4, Map.of());

    assertThat(shares.parts().values()).allMatch(bytes -> bytes >= 64 << 20);
  }

  @Test
  void theSumIsReadableInOneLine() {
    assertThat(MemoryShares.of(8 * GB, 2 * GB, Map.of()).text())
        .isEqualTo(
            "heap 2048 MB + libraries 512 MB + jobs 2816 MB + reading datasets 1126 MB + loaded"
                + " models 844 MB + predictions 844 MB = 8191 MB of 8192 MB");
  }
}
