package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JobServiceTest {
  /** The epochs after one: so many as are asked for at once, or up to the last. */
  private static List<EpochRecord> page(int after, int last) {
    return IntStream.rangeClosed(after + 1, Math.min(after + JobService.EPOCHS_AT_ONCE, last))
        .mapToObj(epoch -> new EpochRecord(epoch, "", Map.of("loss", 1.0), 0.1, 0.01))
        .toList();
  }

  private static List<Integer> read(int stored, int until) {
    List<Integer> read = new ArrayList<>();
    int last =
        JobService.read(after -> page(after, stored), until, epoch -> read.add(epoch.epoch()));
    assertThat(last).isEqualTo(read.isEmpty() ? 0 : read.getLast());
    return read;
  }

  /** Here each page is full: the job is faster than its reader. */
  @Test
  void aFastJobDoesNotHoldTheReaderOfItsEpochs() {
    assertThat(read(Integer.MAX_VALUE, 2_500)).hasSize(2_500).endsWith(2_500);
    assertThat(read(Integer.MAX_VALUE, 0)).isEmpty();
  }

  @Test
  void allEpochsOfAnEndedJobAreRead() {
    for (int stored : new int[] {0, 1, 999, 1_000, 1_001, 3_000}) {
      assertThat(read(stored, Integer.MAX_VALUE)).hasSize(stored);
    }
  }
}
