package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ThinnedEpochsTest {
  private static List<Integer> kept(int from, int to, int bins, double... losses) {
    return keptBy(null, from, to, bins, losses);
  }

  private static List<Integer> keptBy(
      @Nullable String metric, int from, int to, int bins, double... losses) {
    List<Integer> kept = new ArrayList<>();
    ThinnedEpochs thinned =
        new ThinnedEpochs(from, to, bins, metric, epoch -> kept.add(epoch.epoch()));
    for (int i = 0; i < losses.length; i++) {
      thinned.accept(
          new EpochRecord(i + 1, "", Map.of("loss", 100.0 - i, "val_loss", losses[i]), 0.1, 1));
    }
    thinned.finish();
    return kept;
  }

  @Test
  void smallestAndLargestOfEachBinAreKept() {
    assertThat(kept(1, 8, 2, 3, 1, 4, 2, 9, 5, 6, 7)).containsExactly(2, 3, 5, 6);
  }

  @Test
  void lossThatIsNoNumberIsTheLargest() {
    assertThat(kept(1, 4, 1, 3, Double.NaN, 1, 9)).containsExactly(2, 3);
  }

  /** The loss of the test falls from epoch to epoch. */
  @Test
  void extremesOfAnotherMetricAreKept() {
    assertThat(keptBy("loss", 1, 8, 2, 3, 1, 4, 2, 9, 5, 6, 7)).containsExactly(1, 4, 5, 8);
  }

  @Test
  void onlyTheRangeCounts() {
    assertThat(kept(2, 3, 2, 3, 1, 4, 2)).containsExactly(2, 3);
    assertThat(kept(3, 2, 2, 3, 1, 4, 2)).isEmpty();
  }

  @Test
  void theFirstOfEqualEpochsIsKept() {
    assertThat(kept(1, 4, 1, 2, 1, 1, 2)).containsExactly(1, 2);
  }
}
