package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobProgress;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.job.event.EventStore;
import io.trainyard.job.event.JobEvent;
import io.trainyard.label.Selection;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.train.StopReason;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rows of jobs and their events as kept data folders contain them. The texts here are fixed: when
 * one of these tests fails, change the code, not the text.
 */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class StoredJobRowTest extends JobStoreFixture {
  StoredJobRowTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void rowOfAFailedJobKeepsItsFormat() {
    Job job = started();
    var failure = new JobState.Failure("non_finite_loss", "The loss is NaN", 2, 17L, null);
    var progress =
        new JobProgress(TestJobs.progress(2), TestJobs.record(2), null, StopReason.EPOCHS);
    attempts.finish(job, new JobState.Failed(failure), new ProgressReport(List.of(), progress));
    Map<String, Object> row =
        jdbc.sql(
                "select kind, state, worker, device, progress, last_record, best_record,"
                    + " stop_reason, attempt, crashes, last_event from jobs where id = :id")
            .param("id", job.id())
            .query()
            .singleRow();
    assertThat(row)
        .containsEntry("kind", "training")
        .containsEntry("state", "failed")
        .containsEntry("worker", "me")
        .containsEntry("device", "cpu")
        .containsEntry(
            "progress",
            "{\"phase\":null,\"epoch\":2,\"epochs\":10,\"step\":1,\"steps_per_epoch\":1,"
                + "\"fraction\":0.2,\"eta_seconds\":null,\"rows_per_second\":100.0}")
        .containsEntry(
            "last_record",
            "{\"epoch\":2,\"phase\":null,\"loss\":0.5,\"val_loss\":\"Infinity\","
                + "\"learning_rate\":0.01,\"seconds\":0.5}")
        .containsEntry("best_record", null)
        .containsEntry("stop_reason", "epochs")
        .containsEntry("attempt", 1)
        .containsEntry("crashes", 0)
        .containsEntry("last_event", 4);
    assertThat(texts("select ending from jobs"))
        .containsExactly(
            "{\"code\":\"non_finite_loss\",\"detail\":\"The loss is NaN\",\"epoch\":2,"
                + "\"step\":17,\"layer\":null}");
  }

  @Test
  void eventsKeepTheirFormat() {
    Job job = started();
    attempts.record(job, TestJobs.report(1));
    reclaim(job);
    assertThat(texts("select kind from job_events order by event_id"))
        .containsExactly("state", "state", "log", "state");
    assertThat(texts("select body from job_events order by event_id"))
        .containsExactly(
            "{\"state\":\"queued\",\"attempt\":0,\"queue_position\":1}",
            "{\"state\":\"running\",\"attempt\":1,\"queue_position\":null}",
            "{\"level\":\"warn\",\"message\":\"The worker of attempt 1 died\"}",
            "{\"state\":\"queued\",\"attempt\":1,\"queue_position\":1}");
    assertThat(jobs.events.events(job.id(), 0, 100))
        .containsExactly(
            new JobEvent.StateChanged(1, JobState.Name.QUEUED, 0, 1),
            new JobEvent.StateChanged(2, JobState.Name.RUNNING, 1, null),
            new JobEvent.EpochEnded(3, TestJobs.record(1), TestJobs.progress(1)),
            new JobEvent.Logged(4, "warn", "The worker of attempt 1 died"),
            new JobEvent.StateChanged(5, JobState.Name.QUEUED, 1, 1));
  }

  @Test
  void headOfARunningJobHasItsProgress() {
    Job running = started();
    assertThat(jobs.events.heads(List.of(running.id())))
        .isEqualTo(Map.of(running.id(), new EventStore.Head(2, null)));
    assertThat(
            attempts.record(
                running,
                new ProgressReport(
                    List.of(), new JobProgress(TestJobs.progress(1), null, null, null))))
        .isTrue();
    assertThat(jobs.events.heads(List.of(running.id())))
        .isEqualTo(Map.of(running.id(), new EventStore.Head(2, TestJobs.progress(1))));
  }

  /** As a newer release writes them during a rolling upgrade. */
  @Test
  void eventsThatThisReleaseCannotReadHaveTheirNumbersAndHideNoOthers() {
    Job job = started();
    long before = ReadableRows.unreadable();
    attempts.record(
        job, new ProgressReport(List.of(), List.of(), messages(4), JobProgress.NONE, false));
    jdbc.sql("update job_events set kind = 'notice' where event_id = 3").update();
    jdbc.sql("update job_events set body = 'nothing' where event_id = 4").update();
    jdbc.sql("update job_events set kind = 'state', body = '{}' where event_id = 5").update();
    jdbc.sql("update jobs set progress = '[7]'").update();
    assertThat(jobs.events.events(job.id(), 2, 100))
        .containsExactly(
            new JobEvent.Unreadable(3),
            new JobEvent.Unreadable(4),
            new JobEvent.Unreadable(5),
            new JobEvent.Logged(6, "info", "message 3"));
    assertThat(jobs.events.events(job.id(), 2, 1)).containsExactly(new JobEvent.Unreadable(3));
    assertThat(ReadableRows.unreadable()).isGreaterThanOrEqualTo(before + 4);
    assertThat(jobs.events.heads(List.of(job.id())))
        .isEqualTo(Map.of(job.id(), new EventStore.Head(6, null)));
    Job other = submitted();
    assertThat(attempts.signals(List.of(job.id(), other.id()))).hasSize(2);
    jdbc.sql("update jobs set state = 'dozing' where id = :id").param("id", job.id()).update();
    assertThat(attempts.signals(List.of(job.id(), other.id()))).containsOnlyKeys(other.id());
    assertThat(new JdbcJobCounts(jdbc).byState()).containsExactly(entry(JobState.Name.QUEUED, 1L));
  }

  @Test
  void jobsThatThisReleaseCannotReadHideNoOthersAndEndNoList() {
    Job first = submitted();
    List<Job> others = IntStream.range(0, 5).mapToObj(_ -> submitted()).toList();
    Job last = submitted();
    jdbc.sql("update jobs set kind = 'refresh' where id in (:others)")
        .param("others", others.stream().map(Job::id).toList())
        .update();
    JobFilter all = new JobFilter(null, null, null, null, null, Selection.ALL);
    assertThat(store.list(all, 10)).containsExactlyInAnyOrder(first, last);
    assertThat(store.list(all, 2))
        .as("after two pages of others")
        .containsExactlyInAnyOrder(first, last);
    assertThat(store.list(all, 1)).hasSize(1);
  }

  private static List<ProgressReport.Note> messages(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new ProgressReport.Note(false, "message " + i))
        .toList();
  }

  @Test
  void lastEventIsDone() {
    Job job = submitted();
    attempts.finish(job, new JobState.Cancelled(), ProgressReport.EMPTY);
    assertThat(texts("select body from job_events where kind = 'done'")).containsExactly("{}");
    assertThat(jobs.events.events(job.id(), 2, 100)).containsExactly(new JobEvent.Done(3));
    assertThat(jobs.events.heads(List.of(job.id(), "none")))
        .isEqualTo(Map.of(job.id(), new EventStore.Head(3, null)));
  }

  /** A restore takes history of other releases; one row must not cost the list. */
  @Test
  void endedJobThatThisReleaseCannotReadIsListedAndDeleted() {
    Job failed = started();
    var failure = new JobState.Failure("non_finite_loss", "The loss is NaN");
    attempts.finish(failed, new JobState.Failed(failure), TestJobs.report(1));
    Job succeeded = started();
    attempts.succeed(succeeded, publication(succeeded, null, null), TestJobs.report(1));
    Job waits = submitted();
    for (String wrong : List.of("{\"version\":\"x\"}", "{}", "[7]", "nothing")) {
      jdbc.sql(
              "update jobs set ending = :wrong, request = :wrong, spec = :wrong, warnings = :wrong,"
                  + " progress = :wrong, last_record = :wrong, best_record = :wrong,"
                  + " stop_reason = 'elsewhere', kind = :kind where id <> :waits")
          .param("wrong", wrong)
          .param("kind", wrong.contains("x") ? "prediction" : "training")
          .param("waits", waits.id())
          .update();
      assertThat(store.list(new JobFilter(null, null, null, null, null, Selection.ALL), 10))
          .as(wrong)
          .hasSize(3)
          .contains(waits);
      assertThat(find(failed).state().name()).isEqualTo(JobState.Name.FAILED);
      assertThat(find(succeeded).state().name()).isEqualTo(JobState.Name.SUCCEEDED);
      assertThat(find(failed).isVisibleTo(Identity.service())).isTrue();
    }
    assertThat(store.delete(failed.id())).isTrue();
    assertThat(store.delete(succeeded.id())).isTrue();
  }

  private List<String> texts(String sql) {
    return jdbc.sql(sql).query(String.class).list();
  }
}
