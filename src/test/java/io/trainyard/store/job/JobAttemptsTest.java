package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.Attempts.Signal;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Of all workers that try, one owns a job at a time. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobAttemptsTest extends JobStoreFixture {
  JobAttemptsTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void jobIsStartedByOneOfManyWorkers() throws Exception {
    Job job = submitted();
    List<Callable<Boolean>> workers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      var by = new JobState.Running("worker-" + i, Device.CPU);
      workers.add(() -> attempts.start(job.id(), by).isPresent());
    }
    // Those that come later find it running and, by the rules of the queue, its worker dead; the
    // attempts stay apart all the same.
    Map<Integer, Long> numbers = new HashMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Boolean> started : threads.invokeAll(workers)) {
        if (started.get()) {
          numbers.merge(find(job).attempt(), 1L, Long::sum);
        }
      }
    }
    assertThat(numbers).isNotEmpty();
    Job after = find(job);
    assertThat(after.attempt()).isBetween(1, 4);
  }

  @Test
  void threadsAreThoseOfTheLastTraining() {
    Job first = started();
    assertThat(first.threads()).isNull();
    assertThat(attempts.recordThreads(first, 3)).isTrue();
    assertThat(find(first).threads()).isEqualTo(3);
    assertThat(reclaim(first)).isTrue();
    assertThat(attempts.recordThreads(first, 4)).isFalse();
    Job second = attempts.start(first.id(), ME).orElseThrow();
    assertThat(attempts.recordThreads(first, 4)).isFalse();
    assertThat(second.threads()).isEqualTo(3);
    assertThat(attempts.recordThreads(second, 2)).isTrue();
    assertThat(find(first).threads()).isEqualTo(2);
  }

  @Test
  void attemptThatLostItsJobWritesNothing() {
    Job first = started();
    assertThat(attempts.record(first, TestJobs.report(1))).isTrue();
    assertThat(reclaim(first)).isTrue();
    Job second =
        attempts.start(first.id(), new JobState.Running("other", Device.CPU)).orElseThrow();
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.crashes()).isEqualTo(1);

    assertThat(attempts.record(first, TestJobs.report(2))).isFalse();
    assertThat(attempts.succeed(first, publication(first, null, null), TestJobs.report(2)))
        .isFalse();
    assertThat(attempts.finish(first, new JobState.Cancelled(), ProgressReport.EMPTY)).isFalse();
    assertThat(store.cancel(first, ProgressReport.EMPTY)).isFalse();
    assertThat(attempts.requeue(first, ProgressReport.EMPTY)).isFalse();
    assertThat(reclaim(first)).isFalse();

    assertThat(store.find(first.id())).contains(second);
    assertThat(store.epochs(first.id(), 0, 100)).containsExactly(TestJobs.record(1));
    assertThat(stores.versions.findLatest("xor")).isEmpty();
    assertThat(attempts.succeed(second, publication(second, null, null), TestJobs.report(1, 2)))
        .isTrue();
    assertThat(stores.versions.findLatest("xor").orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void jobReclaimedAndStartedAtOnceCountsOneCrash() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 60; i++) {
        Job dead = started();
        Future<Boolean> back = threads.submit(() -> reclaim(dead));
        Future<Integer> start =
            threads.submit(() -> attempts.start(dead.id(), ME).orElseThrow().attempt());
        back.get();
        assertThat(start.get()).isEqualTo(2);
        assertThat(find(dead).crashes()).isEqualTo(1);
      }
    }
  }

  @Test
  void workerThatSleptAfterPickingAJobDoesNotStartIt() {
    Job job = submitted();
    jdbc.sql("update scheduled_tasks set picked = true, picked_by = 'other'").update();
    assertThat(attempts.start(job.id(), ME)).isEmpty();
    assertThat(attempts.start(job.id(), new JobState.Running("other", Device.CPU))).isPresent();
  }

  @Test
  void crashedJobIsRetriedThreeTimesAndThenFails() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Job running = attempts.start(job.id(), ME).orElseThrow();
      assertThat(running.attempt()).isEqualTo(attempt);
      assertThat(running.crashes()).isEqualTo(attempt - 1);
    }
    assertThat(attempts.start(job.id(), ME)).isEmpty();
    JobState state = find(job).state();
    assertThat(state).isInstanceOf(JobState.Failed.class);
    assertThat(((JobState.Failed) state).failure().code()).isEqualTo("worker_lost");
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void faultThatShouldPassIsRetriedThreeTimesAndThenFailsTheJob() {
    var full = new JobState.Failure("unavailable", "There is no room on disk");
    Job job = submitted();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Job running = attempts.start(job.id(), ME).orElseThrow();
      assertThat(running.attempt()).isEqualTo(attempt);
      assertThat(running.crashes()).isEqualTo(attempt - 1);
      assertThat(attempts.retryLater(running, full, TestJobs.report(attempt))).isTrue();
      assertThat(attempts.retryLater(running, full, ProgressReport.EMPTY)).isFalse();
    }
    assertThat(attempts.start(job.id(), ME)).isEmpty();
    assertThat(find(job).state()).isEqualTo(new JobState.Failed(full));
    assertThat(store.epochs(job.id(), 0, 100)).hasSize(4);
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void requeuedJobCountsNoCrash() {
    Job job = started();
    assertThat(attempts.requeue(job, TestJobs.report(1))).isTrue();
    Job waiting = find(job);
    assertThat(waiting.state()).isEqualTo(new JobState.Queued());
    assertThat(waiting.crashes()).isZero();
    assertThat(store.epochs(job.id(), 0, 100)).hasSize(1);
  }

  @Test
  void stopReachesTheWorkerAsASignal() {
    Job queued = submitted();
    assertThat(store.requestStop(queued)).isFalse();
    Job running = started();
    assertThat(store.requestStop(running)).isTrue();
    assertThat(store.requestStop(running)).isFalse();
    assertThat(attempts.signals(List.of(running.id(), "gone")))
        .containsOnly(Map.entry(running.id(), new Signal(JobState.Name.RUNNING, 1, true)));
    assertThat(find(running).stopRequested()).isTrue();
  }
}
