package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.Http;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.job.sweep.SweepTraining;
import io.trainyard.label.Selection;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.database.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;

@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
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
    assertThat(jobs.counts.queued()).containsEntry("cpu", 1L);
    Job next = submitted();
    assertThat(queue.positions(List.of(sweep, next))).containsEntry(sweep.id(), 2);
    jdbc.sql("delete from scheduled_tasks").update();
    repairQueue(Instant.now());
    assertThat(queued()).containsExactly(next.id(), sweep.id());
    assertThat(
            store.list(new JobFilter(null, null, null, null, Task.Sweep.KIND, Selection.ALL), 10))
        .extracting(Job::id)
        .containsExactly(sweep.id());
    assertThat(store.list(new JobFilter(null, null, sweep.id(), null, null, Selection.ALL), 10))
        .hasSize(4);
  }

  @Test
  void trainingsAreReadAsStored() {
    Job first = attempts.start(trainings.getFirst().id(), ME).orElseThrow();
    assertThat(first.task()).isEqualTo(trainings.getFirst().task());
    assertThat(find(sweep).task()).isEqualTo(sweep.task());
    attempts.finish(first, new JobState.Succeeded(null), TestJobs.report(1, 2));
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
    Job running = attempts.start(sweep.id(), ME).orElseThrow();
    jobs.sweeps.addRefit(running, training(0, 0));
    jobs.sweeps.addRefit(running, training(0, 0));
    assertThat(jobs.sweeps.trainings(sweep.id())).hasSize(5);
  }

  @Test
  void anAttemptThatLostTheSweepAddsNoRefit() {
    Job running = attempts.start(sweep.id(), ME).orElseThrow();
    reclaim(running);
    jobs.sweeps.addRefit(running, training(0, 0));
    assertThat(jobs.sweeps.trainings(sweep.id())).hasSize(4);
  }

  @Test
  void nothingIsToldOfASweepAfterItsLastEvent() {
    Job running = attempts.start(sweep.id(), ME).orElseThrow();
    jobs.sweeps.report(running, "Trial 1 of 2: succeeded");
    attempts.finish(running, new JobState.Cancelled(), ProgressReport.EMPTY);
    jobs.sweeps.report(running, "Trial 2 of 2: cancelled");
    assertThat(
            jdbc.sql("select kind from job_events where job_id = :id order by event_id")
                .param("id", sweep.id())
                .query(String.class)
                .list())
        .endsWith("log", "state", "done");
  }

  @Test
  void aTrainingThatStartsMeanwhileIsCancelledToo() throws InterruptedException {
    startWhile(trainings.get(0), () -> jobs.sweeps.cancel(ids().subList(0, 2)));
    startWhile(
        trainings.get(2),
        () -> attempts.finish(sweep, new JobState.Cancelled(), ProgressReport.EMPTY));
  }

  private void startWhile(Job training, Runnable cancel) throws InterruptedException {
    Thread canceller = Thread.ofPlatform().unstarted(cancel);
    jobs.transitions
        .transaction()
        .executeWithoutResult(
            _ -> {
              attempts.start(training.id(), ME);
              canceller.start();
              // It reads the training as queued, and waits for its row.
              Http.pause(Duration.ofMillis(300));
            });
    canceller.join();
    assertThat(find(training).state()).isEqualTo(new JobState.Cancelled());
  }

  @Test
  void trainingsThatAreCancelledTogetherHaveTheEventsAndTheValuesOfAnEnd() {
    Job running = attempts.start(trainings.get(1).id(), ME).orElseThrow();
    attempts.record(running, TestJobs.report(1));
    jobs.sweeps.cancel(ids());
    for (Job training : trainings) {
      Job now = find(training);
      assertThat(now.state()).isEqualTo(new JobState.Cancelled());
      assertThat(now.finishedAt()).isNotNull();
      List<Map<String, Object>> events =
          jdbc.sql(
                  "select event_id, kind, body from job_events where job_id = :id"
                      + " order by event_id desc")
              .param("id", training.id())
              .query()
              .listOfRows();
      int last =
          jdbc.sql("select last_event from jobs where id = :id")
              .param("id", training.id())
              .query(Integer.class)
              .single();
      assertThat(events.get(0)).containsEntry("event_id", last).containsEntry("kind", "done");
      assertThat(events.get(1)).containsEntry("event_id", last - 1).containsEntry("kind", "state");
      assertThat(Json.read(String.valueOf(events.get(1).get("body"))))
          .isEqualTo(
              Json.read(
                  "{\"state\":\"cancelled\",\"attempt\":%d,\"queue_position\":null}"
                      .formatted(now.attempt())));
    }
    assertThat(jdbc.sql("select distinct job_id from job_values").query(String.class).list())
        .containsExactly(running.id());
    assertThat(
            jdbc.sql("select count(*) from jobs where trial is not null and measured = false")
                .query(Integer.class)
                .single())
        .isZero();
  }

  @Test
  void theEndOfASweepIsThatOfItsTrainings() {
    Job ended = attempts.start(trainings.get(0).id(), ME).orElseThrow();
    attempts.finish(ended, new JobState.Succeeded(null), ProgressReport.EMPTY);
    attempts.start(trainings.get(1).id(), ME);
    attempts.finish(sweep, new JobState.Cancelled(), ProgressReport.EMPTY);
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
    Job ended = attempts.start(trainings.get(0).id(), ME).orElseThrow();
    attempts.finish(ended, new JobState.Succeeded(null), ProgressReport.EMPTY);
    endings.deleteEndedBefore(Instant.now().plusSeconds(10));
    assertThat(store.find(ended.id())).isPresent();
    attempts.finish(sweep, new JobState.Cancelled(), ProgressReport.EMPTY);
    endings.deleteEndedBefore(Instant.now().plusSeconds(10));
    assertThat(store.list(new JobFilter(null, null, null, null, null, Selection.ALL), 10))
        .isEmpty();
  }

  @Test
  void progressOfATrainingCountsForTheSweepsCrashes() {
    Job running = attempts.start(sweep.id(), ME).orElseThrow();
    reclaim(running);
    running = attempts.start(sweep.id(), ME).orElseThrow();
    assertThat(running.crashes()).isEqualTo(1);
    jobs.sweeps.report(running, "Trial 1 of 2: val_loss 1");
    assertThat(find(sweep).crashes()).isZero();
  }

  private static Identity caller(String id) {
    return new Identity(
        id, id, Set.of(Scope.JOBS_WRITE), Binding.ALL, Binding.ALL, Limits.NONE, 100);
  }

  /** The caller's next job stands behind all trainings, and another caller's between them. */
  @Test
  void trainingsCountAsJobsOfTheirCaller() {
    attempts.finish(sweep, new JobState.Cancelled(), ProgressReport.EMPTY);
    caller("greedy")
        .call(
            () -> {
              submitSweep();
              return true;
            });
    assertThat(due(sweep.id())).isEqualTo(minutes(sweep, 1));
    for (int i = 0; i < trainings.size(); i++) {
      assertThat(due(trainings.get(i).id())).isEqualTo(minutes(trainings.get(i), i + 1));
    }
    Job own = caller("greedy").call(() -> submitted(TestJobs.queued(-100, sweep.createdAt())));
    assertThat(due(own.id())).isEqualTo(minutes(sweep, 5));
    Job running = attempts.start(sweep.id(), ME).orElseThrow();
    Job other =
        caller("modest")
            .call(() -> submitted(TestJobs.queued(-100, sweep.createdAt().plusSeconds(70))));
    jdbc.sql("update jobs set created_at = :then where id = :id")
        .param("then", Timestamps.time(Instant.now().minusSeconds(5)))
        .param("id", other.id())
        .update();
    assertThat(jobs.sweeps.mustYield(running)).as("its first training is due before").isFalse();
    attempts.start(trainings.get(0).id(), ME);
    attempts.start(trainings.get(1).id(), ME);
    assertThat(jobs.sweeps.mustYield(running)).isTrue();
    assertThat(due(sweep.id())).as("behind the other").isEqualTo(minutes(trainings.get(2), 3));
    jobs.sweeps.addRefit(running, training(0, 0));
    assertThat(jdbc.sql("select owner from jobs where trial = 0").query(String.class).single())
        .isEqualTo("greedy");
  }

  private Instant minutes(Job job, int number) {
    return job.createdAt().minus(100 - number, ChronoUnit.MINUTES);
  }

  private Instant due(String id) {
    return jdbc.sql("select due_at from jobs where id = :id")
        .param("id", id)
        .query(OffsetDateTime.class)
        .single()
        .toInstant();
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
