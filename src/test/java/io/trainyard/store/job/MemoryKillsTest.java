package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.database.TestDatabase;
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
    return store.start(job.id(), ME).orElseThrow();
  }

  private JobState.Failure failure(Job job) {
    assertThat(find(job).state()).isInstanceOf(JobState.Failed.class);
    return ((JobState.Failed) find(job).state()).failure();
  }

  @Test
  void aWorkerThatDiedNearItsBudgetWasKilledByMemory() {
    Job job = submitted();
    Job first = start(job);
    assertThat(store.recordMemory(first, FULL)).isTrue();
    assertThat(store.reclaim(first)).isTrue();
    Job second = start(job);
    assertThat(store.recordMemory(first, FULL)).isFalse();
    store.recordMemory(second, FULL);
    assertThat(store.reclaim(second)).isTrue();

    assertThat(failure(job).code()).isEqualTo("out_of_memory");
    assertThat(failure(job).detail()).contains("Worker me", "950 MB", "1000 MB", "batch_size");
    assertThat(store.start(job.id(), ME)).isEmpty();
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void aKillByTheKernelIsSeenByTheNextProcess() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 2; attempt++) {
      Job running = start(job);
      jobs.memory = new MemoryUse(0, 1000L << 20, "here", 5 + attempt);
      assertThat(store.reclaim(running)).isTrue();
    }
    assertThat(failure(job).code()).isEqualTo("out_of_memory");
    assertThat(failure(job).detail()).contains("the kernel ended it", "1000 MB");
  }

  @Test
  void otherDeathsAreRetriedUpToTheCrashLimit() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Job running = start(job);
      store.recordMemory(running, FULL);
      // The last report counts: there was room again.
      store.recordMemory(running, ROOM);
      // Another group's kills say nothing about this worker.
      jobs.memory = new MemoryUse(0, 1000L << 20, "elsewhere" + attempt, 99 + attempt);
      assertThat(store.reclaim(running)).isTrue();
    }
    assertThat(failure(job).code()).isEqualTo("worker_lost");
  }

  @Test
  void anEarlierAttemptsMemorySaysNothingAboutTheNext() {
    Job job = submitted();
    Job first = start(job);
    store.recordMemory(first, FULL);
    store.reclaim(first);
    for (int attempt = 2; attempt <= 4; attempt++) {
      assertThat(store.reclaim(start(job))).isTrue();
    }
    assertThat(failure(job).code()).isEqualTo("worker_lost");
  }

  @Test
  void anAllocationThatFailsIsTriedOnceMore() {
    var cause = new JobState.Failure("out_of_memory", "7 MB found no memory");
    Job job = submitted();
    assertThat(store.retryLater(start(job), cause, ProgressReport.EMPTY)).isTrue();
    assertThat(find(job).state()).isEqualTo(new JobState.Queued());
    Job second = start(job);
    jdbc.sql("update jobs set crashes = 0").update();
    assertThat(store.retryLater(second, cause, ProgressReport.EMPTY)).isTrue();
    assertThat(failure(job)).isEqualTo(cause);
  }

  @Test
  void aRestartOnAnEmbeddedDatabaseCountsTheKill() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 2; attempt++) {
      store.recordMemory(start(job), FULL);
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
