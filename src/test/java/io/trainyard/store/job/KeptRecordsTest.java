package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.KeptEpochs;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.event.JobEvent;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job of many epochs keeps few records, and its events are read to the end. */
@Tag("service")
@Timeout(60)
class KeptRecordsTest extends JobStoreFixture {
  private static final int EPOCHS = 24_000;
  private static final int BEST = 1_234;

  KeptRecordsTest() {
    super(TestDatabase.H2);
  }

  private static EpochRecord record(int epoch) {
    // A wave: the best is no extreme of its bin's wave but for one epoch.
    double loss = epoch == BEST ? 0 : 2 + Math.sin(epoch / 50.0);
    return new EpochRecord(epoch, "", Map.of("loss", loss), 0.1, 0.001);
  }

  private static ProgressReport report(int from, int to) {
    List<ProgressReport.Epoch> epochs = new ArrayList<>();
    for (int epoch = from; epoch <= to; epoch++) {
      epochs.add(
          new ProgressReport.Epoch(
              record(epoch), new Progress("", epoch, EPOCHS, 0, 1, 0.5, 1, 1)));
    }
    return new ProgressReport(
        epochs, new JobProgress(null, record(to), to < BEST ? record(1) : record(BEST), null));
  }

  @Test
  void atMostTenThousandRecordsAreKept() {
    Job job = started();
    for (int from = 1; from <= EPOCHS; from += 400) {
      assertThat(attempts.record(job, report(from, Math.min(EPOCHS, from + 399)))).isTrue();
      assertThat(count(job)).isLessThanOrEqualTo(KeptEpochs.MOST);
    }
    List<Integer> kept = kept(job);
    assertThat(kept).hasSizeGreaterThan(5_000).contains(BEST);
    for (int epoch = EPOCHS - 999; epoch <= EPOCHS; epoch++) {
      assertThat(kept).contains(epoch);
    }
    // The wave is still to be seen: both extremes of each period.
    for (double turn = Math.PI / 2; turn * 50 < EPOCHS - 20; turn += Math.PI) {
      int peak = (int) Math.round(turn * 50);
      assertThat(kept).anyMatch(epoch -> Math.abs(epoch - peak) <= 5);
    }
    // What is repeated after a crash is no new event.
    int last = head(job);
    ProgressReport again = report(2_000, 2_100);
    assertThat(
            attempts.record(
                job,
                new ProgressReport(again.epochs(), List.of(), List.of(), again.progress(), true)))
        .isTrue();
    assertThat(head(job)).isEqualTo(last);
    // All events that are left are read, in order.
    List<Integer> events = new ArrayList<>();
    List<JobEvent> some;
    do {
      some = jobs.events.events(job.id(), events.isEmpty() ? 0 : events.getLast(), 100);
      some.forEach(event -> events.add(event.id()));
    } while (!some.isEmpty());
    assertThat(events).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(kept.size());
    assertThat(events.getLast()).isEqualTo(last);
  }

  private List<Integer> kept(Job job) {
    List<Integer> kept = new ArrayList<>();
    List<EpochRecord> page;
    do {
      page = store.epochs(job.id(), kept.isEmpty() ? 0 : kept.getLast(), 1_000);
      page.forEach(epoch -> kept.add(epoch.epoch()));
    } while (!page.isEmpty());
    return kept;
  }

  /** An outage makes a few large reports of many small ones. */
  @Test
  void theSizesOfReportsMakeNoDifference() {
    Job one = started();
    Job other = started();
    for (int from = 1; from <= EPOCHS; from += 1_999) {
      attempts.record(one, report(from, Math.min(EPOCHS, from + 1_998)));
    }
    for (int from = 1; from <= EPOCHS; from += 333) {
      attempts.record(other, report(from, Math.min(EPOCHS, from + 332)));
    }
    assertThat(kept(one)).isEqualTo(kept(other)).hasSizeLessThan(KeptEpochs.MOST);
  }

  private int count(Job job) {
    return jdbc.sql("select count(*) from job_metrics where job_id = :job")
        .param("job", job.id())
        .query(Integer.class)
        .single();
  }

  private int head(Job job) {
    return Objects.requireNonNull(jobs.events.heads(List.of(job.id())).get(job.id())).event();
  }
}
