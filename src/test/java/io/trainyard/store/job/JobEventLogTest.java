package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.job.event.JobEvent;
import io.trainyard.store.database.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Events have numbers without gaps, and no event is sent twice. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobEventLogTest extends JobStoreFixture {
  JobEventLogTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void reportWhoseAnswerWasLostIsStoredOnce() {
    Job job = started();
    attempts.record(job, TestJobs.report(1, 2));
    ProgressReport again = TestJobs.report(1, 2, 3);
    assertThat(
            attempts.record(
                job,
                new ProgressReport(again.epochs(), List.of(), List.of(), again.progress(), true)))
        .isTrue();
    assertThat(store.epochs(job.id(), 0, 100))
        .containsExactly(TestJobs.record(1), TestJobs.record(2), TestJobs.record(3));
    assertThat(events(job.id())).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void aRepeatedNoteIsStoredOnce() {
    Job job = started();
    attempts.record(job, note(false, "found"));
    assertThat(attempts.record(job, note(true, "dead"))).isTrue();
    attempts.requeue(job, note(true, "dead"));
    Job second = attempts.start(job.id(), ME).orElseThrow();
    attempts.record(second, note(false, "found"));
    assertThat(jobs.events.events(job.id(), 0, 100))
        .filteredOn(JobEvent.Logged.class::isInstance)
        .extracting(
            event -> ((JobEvent.Logged) event).level(),
            event -> ((JobEvent.Logged) event).message())
        .containsExactly(tuple("info", "found"), tuple("warn", "dead"));
  }

  private static ProgressReport note(boolean warns, String message) {
    return new ProgressReport(
        List.of(),
        List.of(),
        List.of(new ProgressReport.Note(warns, message)),
        JobProgress.NONE,
        false);
  }

  @Test
  void requeuedJobReportsItsQueuePosition() {
    Job job = started();
    submitted();
    attempts.requeue(job, ProgressReport.EMPTY);
    Job second = attempts.start(job.id(), ME).orElseThrow();
    reclaim(second);
    Job third = attempts.start(job.id(), ME).orElseThrow();
    attempts.retryLater(
        third, new JobState.Failure("unavailable", "no room"), ProgressReport.EMPTY);
    assertThat(jobs.events.events(job.id(), 0, 100))
        .filteredOn(
            event ->
                event instanceof JobEvent.StateChanged changed
                    && changed.state() == JobState.Name.QUEUED)
        .extracting(event -> ((JobEvent.StateChanged) event).queuePosition())
        .containsExactly(1, 1, 1, 1);
  }

  @Test
  void theLastMessageSaysWhyAnAttemptEnded() {
    Job first = started();
    Job other = submitted();
    var cause =
        new JobState.Failure("out_of_memory", "memory of 'cuda': needs 4.2 GB, 1.1 GB free");
    attempts.retryLater(first, cause, ProgressReport.EMPTY);
    assertThat(jobs.events.lastMessages(List.of(first.id(), other.id())))
        .containsExactly(
            entry(
                first.id(), "Attempt 1 ended early: memory of 'cuda': needs 4.2 GB, 1.1 GB free"));
    assertThat(jobs.events.lastMessages(List.of())).isEmpty();
  }

  @Test
  void epochsOfALaterAttemptReplaceEarlierOnesAndKeepTheirEvents() {
    Job first = started();
    attempts.record(first, TestJobs.report(1, 2, 3));
    List<Integer> before = events(first.id());
    reclaim(first);
    Job second = attempts.start(first.id(), ME).orElseThrow();
    attempts.record(second, TestJobs.report(2, 3, 4));
    assertThat(store.epochs(first.id(), 0, 100))
        .containsExactly(
            TestJobs.record(1), TestJobs.record(2), TestJobs.record(3), TestJobs.record(4));
    assertThat(events(first.id())).startsWith(before.toArray(Integer[]::new)).hasSize(4);
    List<Integer> all =
        jdbc.sql(
                "select event_id from job_metrics union all select event_id from job_events"
                    + " order by event_id")
            .query(Integer.class)
            .list();
    assertThat(all).doesNotHaveDuplicates().first().isEqualTo(1);
    assertThat(all.getLast()).isEqualTo(all.size());
  }

  private List<Integer> events(String job) {
    return jdbc.sql("select event_id from job_metrics where job_id = :job order by epoch")
        .param("job", job)
        .query(Integer.class)
        .list();
  }
}
