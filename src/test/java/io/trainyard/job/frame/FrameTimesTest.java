package io.trainyard.job.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTimesTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 198, 199, 200, 397, 1_000, 4_711, 1_000_000})
  void thereAreNeverMoreThanTheMost(int epochs) {
    FrameTimes times = new FrameTimes(200);
    List<Frame> kept = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      if (times.isDue(epoch) || epoch == epochs) {
        Frame frame = new Frame(epoch, times.every(epoch), "");
        kept.removeIf(older -> !older.staysBefore(frame));
        kept.add(frame);
        assertThat(kept).hasSizeLessThanOrEqualTo(200);
      }
    }
    assertThat(kept).hasSizeGreaterThanOrEqualTo(Math.min(epochs, 99));
    assertThat(kept.getFirst().epoch()).isEqualTo(1);
    assertThat(kept.getLast().epoch()).isEqualTo(epochs);
    int every = times.every(epochs);
    assertThat(kept.stream().map(Frame::epoch).filter(epoch -> epoch > 1 && epoch < epochs))
        .allMatch(epoch -> epoch % every == 0);
  }
}
