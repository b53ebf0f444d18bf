package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.job.sweep.SweepTraining;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;

@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
class JdbcSweepStoreTest extends JobStoreFixture {
  private Job sweep;
  private List<Job> trainings;

  JdbcSweepStoreTest(TestDatabase kind) {
    super(kind);
  }

  @BeforeEach
  void submitSweep() {
    TrainingTask task = TestJobs.task(-100);
    sweep =
        TestJobs.queued(
            new Task.Sweep(
                "xor",
                task.spec(),
                Json.read("{\"objective\":\"val_loss\"}"),
                task.dataset(),
                task.placement(),
                List.of()));
    trainings = List.of(training(1, 1), training(1, 2), training(2, 1), training(2, 2));
    jobs.sweeps.submit(sweep, trainings, null);
  }

  private Job training(int trial, int fold) {
    TrainingTask task = TestJobs.task(-100);
    return TestJobs.queued(
        new TrainingTask(
            task.model(),
            task.spec(),
            task.request(),
            task.dataset(),
            task.placement(),
            List.of(),
            new TrainingTask.Trial(sweep.id(), trial, fold, Json.read("{\"/a\":" + trial + "}"))));
  }

  @Test
  void onlyTheSweepWaitsInTheQueue() {
    assertThat(queued()).containsExactly(sweep.id());
    assertThat(store.queueDepths()).containsEntry("cpu", 1L);
    Job next = submitted();
    assertThat(store.queuePositions(List.of(sweep, next))).containsEntry(sweep.id(), 2);
    jdbc.sql("delete from scheduled_tasks").update();
    store.repairQueue();
    assertThat(queued()).containsExactly(next.id(), sweep.id());
    assertThat(store.list(new JobFilter(null, null, null, null, true), 10))
        .extracting(Job::id)
        .containsExactly(sweep.id());
    assertThat(store.list(new JobFilter(null, null, sweep.id(), null), 10)).hasSize(4);
  }

  @Test
  void trainingsAreReadAsStored() {
    Job first = store.start(trainings.getFirst().id(), ME).orElseThrow();
    assertThat(first.task()).isEqualTo(trainings.getFirst().task());
    assertThat(find(sweep).task()).isEqualTo(sweep.task());
    store.finish(first, new JobState.Succeeded(null), TestJobs.report(1, 2));
    assertThat(find(first).state()).isEqualTo(new JobState.Succeeded(null));
    List<SweepTraining> stored = jobs.sweeps.trainings(sweep.id());
    assertThat(stored).extracting(SweepTraining::job).containsExactlyElementsOf(ids());
    assertThat(stored.getFirst().state()).isEqualTo(JobState.Name.SUCCEEDED);
    assertThat(stored.getFirst().last()).isEqualTo(TestJobs.record(2));
    assertThat(stored.getLast().parameters()).isEqualTo(Json.read("{\"/a\":2}"));
  }

  private List<String> ids() {
    return trainings.stream().map(Job::id).toList();
  }

  @Test
  void noTrialIsCountedTwice() {
    assertThatThrownBy(() -> jobs.sweeps.submit(TestJobs.queued(), List.of(training(1, 1)), null))
        .isInstanceOf(DataAccessException.class);
    Job running = store.start(sweep.id(), ME).orElseThrow();
    jobs.sweeps.addRefit(running, training(0, 0));
    jobs.sweeps.addRefit(running, training(0, 0));
    assertThat(jobs.sweeps.trainings(sweep.id())).hasSize(5);
  }

  @Test
  void anAttemptThatLostTheSweepAddsNoRefit() {
    Job running = store.start(sweep.id(), ME).orElseThrow();
    store.reclaim(running);
    jobs.sweeps.addRefit(running, training(0, 0));
    assertThat(jobs.sweeps.trainings(sweep.id())).hasSize(4);
  }

  @Test
  void theEndOfASweepIsThatOfItsTrainings() {
    Job ended = store.start(trainings.get(0).id(), ME).orElseThrow();
    store.finish(ended, new JobState.Succeeded(null), ProgressReport.EMPTY);
    store.start(trainings.get(1).id(), ME);
    store.finish(sweep, new JobState.Cancelled(), ProgressReport.EMPTY);
    assertThat(jobs.sweeps.trainings(sweep.id()))
        .extracting(SweepTraining::state)
        .containsExactly(
            JobState.Name.SUCCEEDED,
            JobState.Name.CANCELLED,
            JobState.Name.CANCELLED,
            JobState.Name.CANCELLED);
    assertThat(datasets.holders).isEmpty();
    assertThat(store.delete(sweep.id())).isTrue();
    assertThat(store.find(trainings.get(0).id())).isEmpty();
  }

  @Test
  void trainingsExpireWithTheirSweep() {
    Job ended = store.start(trainings.get(0).id(), ME).orElseThrow();
    store.finish(ended, new JobState.Succeeded(null), ProgressReport.EMPTY);
    store.deleteEndedBefore(Instant.now().plusSeconds(10));
    assertThat(store.find(ended.id())).isPresent();
    store.finish(sweep, new JobState.Cancelled(), ProgressReport.EMPTY);
    store.deleteEndedBefore(Instant.now().plusSeconds(10));
    assertThat(store.list(new JobFilter(null, null, null, null), 10)).isEmpty();
  }

  @Test
  void progressOfATrainingCountsForTheSweepsCrashes() {
    Job running = store.start(sweep.id(), ME).orElseThrow();
    store.reclaim(running);
    running = store.start(sweep.id(), ME).orElseThrow();
    assertThat(running.crashes()).isEqualTo(1);
    jobs.sweeps.report(running, "Trial 1 of 2: val_loss 1");
    assertThat(find(sweep).crashes()).isZero();
  }

  /** A sweep yields to jobs that have waited, not to other sweeps nor to jobs behind it. */
  @Test
  void aSweepYieldsToJobsBeforeIt() {
    assertThat(jobs.sweeps.mustYield(sweep)).isFalse();
    submitted();
    assertThat(jobs.sweeps.mustYield(sweep)).as("a free slot may take it").isFalse();
    Job waits = submitted(TestJobs.queued(0, Instant.now().minusSeconds(5)));
    assertThat(jobs.sweeps.mustYield(sweep)).isTrue();
    jdbc.sql("update scheduled_tasks set picked = true where task_instance = :id")
        .param("id", waits.id())
        .update();
    assertThat(jobs.sweeps.mustYield(sweep)).isFalse();
  }
}
