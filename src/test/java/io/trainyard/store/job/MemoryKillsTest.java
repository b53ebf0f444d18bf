package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.database.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A job that kills its worker by its memory is tried once more, other crashes more often. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class MemoryKillsTest extends JobStoreFixture {
  private static final MemoryUse FULL = new MemoryUse(950L << 20, 1000L << 20, "here", 5);
  private static final MemoryUse ROOM = new MemoryUse(850L << 20, 1000L << 20, "here", 5);

  MemoryKillsTest(TestDatabase kind) {
    super(kind);
  }

  private Job start(Job job) {
    return attempts.start(job.id(), ME).orElseThrow();
  }

  private JobState.Failure failure(Job job) {
    assertThat(find(job).state()).isInstanceOf(JobState.Failed.class);
    return ((JobState.Failed) find(job).state()).failure();
  }

  @Test
  void aWorkerThatDiedNearItsBudgetWasKilledByMemory() {
    Job job = submitted();
    Job first = start(job);
    assertThat(attempts.recordMemory(first, FULL)).isTrue();
    assertThat(reclaim(first)).isTrue();
    Job second = start(job);
    assertThat(attempts.recordMemory(first, FULL)).isFalse();
    attempts.recordMemory(second, FULL);
    assertThat(reclaim(second)).isTrue();

    assertThat(failure(job).code()).isEqualTo("out_of_memory");
    assertThat(failure(job).detail()).contains("Worker me", "950 MB", "1000 MB", "batch_size");
    assertThat(attempts.start(job.id(), ME)).isEmpty();
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void aKillByTheKernelIsSeenByTheNextProcess() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 2; attempt++) {
      Job running = start(job);
      jobs.memory = new MemoryUse(0, 1000L << 20, "here", 5 + attempt);
      assertThat(reclaim(running)).isTrue();
    }
    assertThat(failure(job).code()).isEqualTo("out_of_memory");
    assertThat(failure(job).detail()).contains("the kernel ended it", "1000 MB");
  }

  @Test
  void otherDeathsAreRetriedUpToTheCrashLimit() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Job running = start(job);
      attempts.recordMemory(running, FULL);
      // The last report counts: there was room again.
      attempts.recordMemory(running, ROOM);
      // Another group's kills say nothing about this worker.
      jobs.memory = new MemoryUse(0, 1000L << 20, "elsewhere" + attempt, 99 + attempt);
      assertThat(reclaim(running)).isTrue();
    }
    assertThat(failure(job).code()).isEqualTo("worker_lost");
  }

  @Test
  void anEarlierAttemptsMemorySaysNothingAboutTheNext() {
    Job job = submitted();
    Job first = start(job);
    attempts.recordMemory(first, FULL);
    reclaim(first);
    for (int attempt = 2; attempt <= 4; attempt++) {
      assertThat(reclaim(start(job))).isTrue();
    }
    assertThat(failure(job).code()).isEqualTo("worker_lost");
  }

  @Test
  void anAllocationThatFailsIsTriedOnceMore() {
    var cause = new JobState.Failure("out_of_memory", "7 MB found no memory");
    Job job = submitted();
    assertThat(attempts.retryLater(start(job), cause, ProgressReport.EMPTY)).isTrue();
    assertThat(find(job).state()).isEqualTo(new JobState.Queued());
    Job second = start(job);
    jdbc.sql("update jobs set crashes = 0").update();
    assertThat(attempts.retryLater(second, cause, ProgressReport.EMPTY)).isTrue();
    assertThat(failure(job)).isEqualTo(cause);
  }

  private static JobState.Failure shortage(String free) {
    return new JobState.Failure(
        "out_of_memory", "memory of 'cuda': needs 4.2 GB, %s GB free".formatted(free));
  }

  private List<String> messages(Job job) {
    return jdbc.sql("select body from job_events where job_id = :job and kind = 'log'")
        .param("job", job.id())
        .query((row, _) -> Json.readObject(row.getString("body")).path("message").asString(""))
        .list();
  }

  /** As a job that waits for a device in Slurm or Kubernetes. */
  @Test
  void aJobWaitsForADeviceThatOthersFill() {
    Job job = submitted();
    for (int free = 1; free <= 9; free++) {
      assertThat(attempts.awaitDevice(start(job), shortage("0." + free), ProgressReport.EMPTY))
          .isTrue();
    }
    assertThat(find(job).state()).isEqualTo(new JobState.Queued());
    assertThat(find(job).crashes()).isZero();
    // One line, of the last try: those of a day would fill the log of the job.
    assertThat(messages(job))
        .containsExactly("Waits for memory of 'cuda': needs 4.2 GB, 0.9 GB free");

    // Waiting is no lack of memory: the first allocation that fails is tried once more.
    var cause = new JobState.Failure("out_of_memory", "7 MB found no memory");
    assertThat(attempts.retryLater(start(job), cause, ProgressReport.EMPTY)).isTrue();
    assertThat(find(job).state()).isEqualTo(new JobState.Queued());
  }

  @Test
  void aJobWaitsForADeviceNoLongerThanItMay() {
    Job job = submitted();
    assertThat(attempts.awaitDevice(start(job), shortage("0.1"), ProgressReport.EMPTY)).isTrue();
    waitedFor(Duration.ofHours(23));
    assertThat(attempts.awaitDevice(start(job), shortage("0.2"), ProgressReport.EMPTY)).isTrue();
    assertThat(find(job).state()).isEqualTo(new JobState.Queued());
    waitedFor(Duration.ofHours(2));
    assertThat(attempts.awaitDevice(start(job), shortage("0.3"), ProgressReport.EMPTY)).isTrue();

    assertThat(failure(job).code()).isEqualTo("out_of_memory");
    assertThat(failure(job).detail())
        .contains(
            "waited for 24h, trainyard.jobs.device-wait",
            "memory of 'cuda': needs 4.2 GB, 0.3 GB free",
            "submit the job again");
    assertThat(datasets.holders).isEmpty();
  }

  /** A job of days may wait again after each pause. */
  @Test
  void aWaitBeginsAnewOnceTheJobHasTrained() {
    Job job = submitted();
    assertThat(attempts.awaitDevice(start(job), shortage("0.1"), ProgressReport.EMPTY)).isTrue();
    waitedFor(Duration.ofHours(25));
    Job training = start(job);
    assertThat(attempts.record(training, TestJobs.report(1))).isTrue();
    assertThat(attempts.requeue(training, ProgressReport.EMPTY)).isTrue();
    assertThat(attempts.awaitDevice(start(job), shortage("0.2"), ProgressReport.EMPTY)).isTrue();
    assertThat(find(job).state()).isEqualTo(new JobState.Queued());
    assertThat(messages(job)).hasSize(2);
  }

  private void waitedFor(Duration more) {
    jdbc.sql("select job_id, event_id, created_at from job_events where kind = 'log'")
        .query(
            (row, _) ->
                List.of(row.getString(1), row.getInt(2), Timestamps.instant(row, "created_at")))
        .list()
        .forEach(
            event ->
                jdbc.sql(
                        "update job_events set created_at = :at where job_id = :job and event_id = :event")
                    .param("at", Timestamps.time(((Instant) event.get(2)).minus(more)))
                    .param("job", event.get(0))
                    .param("event", event.get(1))
                    .update());
  }

  @Test
  void aRestartOnAnEmbeddedDatabaseCountsTheKill() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 2; attempt++) {
      attempts.recordMemory(start(job), FULL);
      jobs.abandoned.reclaimAll();
      // Only one process uses an embedded database, so only there no heartbeat is waited for.
      if (!DatabaseKind.isEmbedded(database.source())) {
        assertThat(find(job).state()).isEqualTo(ME);
        return;
      }
    }
    assertThat(failure(job).code()).isEqualTo("out_of_memory");
  }
}
