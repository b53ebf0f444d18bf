package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.frame.Frame;
import io.trainyard.store.database.TestDatabase;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The frames of a job are few, and an attempt that repeats epochs adds none twice. */
@Tag("service")
class JobFramesTest extends JobStoreFixture {
  JobFramesTest() {
    super(TestDatabase.H2);
  }

  private static ProgressReport report(int every, Integer... epochs) {
    List<Frame> frames =
        Stream.of(epochs)
            .map(epoch -> new Frame(epoch, every, "{\"epoch\":" + epoch + "}"))
            .toList();
    return new ProgressReport(List.of(), frames, List.of(), JobProgress.NONE, false);
  }

  private List<Integer> stored(Job job) {
    return store.frames(job.id(), -1, 100).stream().map(Frame::epoch).toList();
  }

  @Test
  void everySecondFrameIsLeftOutWhenTheyAreMany() {
    Job job = started();
    assertThat(attempts.record(job, report(1, 0, 1, 2, 3, 4, 5))).isTrue();
    assertThat(attempts.record(job, report(2, 6))).isTrue();
    assertThat(stored(job)).containsExactly(0, 1, 2, 4, 6);
    // An attempt that continues from a checkpoint, which was before them.
    assertThat(attempts.record(job, report(1, 0, 3, 4, 5))).isTrue();
    assertThat(attempts.record(job, report(2, 6, 7))).isTrue();
    assertThat(stored(job)).containsExactly(0, 1, 2, 4, 6, 7);
    assertThat(store.frames(job.id(), 4, 1)).containsExactly(new Frame(6, 1, "{\"epoch\":6}"));
    assertThat(store.cancel(job, report(4, 8))).isTrue();
    assertThat(stored(job)).containsExactly(0, 1, 4, 8);
    assertThat(store.delete(job.id())).isTrue();
    assertThat(stored(job)).isEmpty();
  }
}
