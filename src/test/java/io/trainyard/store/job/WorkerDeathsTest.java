package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.TestJobs;
import io.trainyard.job.process.WorkerDeath;
import io.trainyard.memory.MemoryUse;
import io.trainyard.process.CrashFile;
import io.trainyard.process.ProcessDeath;
import io.trainyard.store.database.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Which job a dead worker is blamed on, and what becomes of the others. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class WorkerDeathsTest extends JobStoreFixture {
  private static final int ABORTED = 134;
  private static final int KILLED = 137;

  WorkerDeathsTest(TestDatabase kind) {
    super(kind);
  }

  private static WorkerDeath crash(String thread) {
    return death(ABORTED, false, false, new CrashFile("SIGSEGV", "f (lib.so)", thread, false));
  }

  private static WorkerDeath death(
      int code, boolean outOfMemory, boolean proving, @Nullable CrashFile crash) {
    return new WorkerDeath(new ProcessDeath(code, outOfMemory, crash), proving);
  }

  private void die(WorkerDeath death) {
    jobs.abandoned.reclaim(ME.worker(), death);
  }

  private Job startAgain(Job job) {
    return attempts.start(job.id(), ME).orElseThrow();
  }

  @Test
  void theJobWhoseThreadCrashesTwiceFailsAndTheOneBesideItLosesNothing() {
    Job poison = started();
    Job beside = started();
    attempts.record(poison, TestJobs.report(1, 2));

    die(crash("compute-1-1 for job " + poison.id()));
    assertThat(find(poison).state()).isInstanceOf(JobState.Queued.class);
    assertThat(find(beside).crashes()).isZero();
    assertThat(attempts.waitToRunAlone(beside.id())).isEmpty();

    startAgain(poison);
    startAgain(beside);
    die(crash("compute-1-1 for job " + poison.id()));

    assertThat(find(beside).state()).isInstanceOf(JobState.Queued.class);
    assertThat(find(beside).crashes()).isZero();
    JobState.Failure failure = ((JobState.Failed) find(poison).state()).failure();
    assertThat(failure.code()).isEqualTo("worker_crashed");
    assertThat(failure.detail()).contains("SIGSEGV in f (lib.so)", "after epoch 2");
    assertThat(failure.epoch()).isEqualTo(2);
  }

  @Test
  void aCheckpointDoesNotForgiveACrash() {
    Job job = started();
    die(crash(job.id()));
    Job second = startAgain(job);
    jdbc.sql("update jobs set crashes = 0").update();
    assertThat(second.crashes()).isEqualTo(1);

    die(crash(job.id()));

    assertThat(find(job).state()).isInstanceOf(JobState.Failed.class);
  }

  @Test
  void whenTheThreadIsUnknownEachRunsAloneNext() {
    Job poison = started();
    Job beside = started();

    die(crash(""));
    for (Job job : new Job[] {poison, beside}) {
      assertThat(find(job).state()).isInstanceOf(JobState.Queued.class);
      assertThat(find(job).crashes()).isZero();
      assertThat(attempts.waitToRunAlone(job.id())).isPresent();
    }

    // Alone, a job is the cause.
    startAgain(poison);
    die(crash(""));
    startAgain(poison);
    die(crash(""));
    assertThat(find(poison).state()).isInstanceOf(JobState.Failed.class);
    assertThat(find(beside).state()).isInstanceOf(JobState.Queued.class);
  }

  @Test
  void aCrashInAProofIsNoFaultOfTheOnlyJob() {
    Job job = started();

    die(crash("compute-1-1 for proof-3"));
    assertThat(find(job).crashes()).isZero();
    startAgain(job);
    die(crash("compute-1-1 for proof-4"));

    assertThat(find(job).state()).isInstanceOf(JobState.Queued.class);
  }

  @Test
  void aCrashOfAnotherThreadIsNoFaultOfTheOnlyJob() {
    Job job = started();

    die(crash("VM Thread"));
    startAgain(job);
    die(crash("VM Thread"));

    assertThat(find(job).state()).isInstanceOf(JobState.Queued.class);
    assertThat(find(job).crashes()).isEqualTo(2);
  }

  @Test
  void aCrashOfAnUnknownThreadBesideAProofIsNotCounted() {
    Job job = started();

    for (int i = 0; i < 3; i++) {
      die(death(ABORTED, false, true, null));
      assertThat(find(job).state()).isInstanceOf(JobState.Queued.class);
      assertThat(find(job).crashes()).isZero();
      startAgain(job);
    }
  }

  @Test
  void theOneBesideAJobThatTookAllMemoryLosesNothing() {
    Job greedy = started();
    Job beside = started();
    jobs.memory = new MemoryUse(0, 1000 << 20, "here", 6);
    WorkerDeath outOfMemory = death(KILLED, true, false, null);

    die(outOfMemory);
    assertThat(attempts.waitToRunAlone(beside.id())).isPresent();
    for (int alone = 0; alone < 2; alone++) {
      startAgain(greedy);
      jobs.memory = new MemoryUse(0, 1000 << 20, "here", 7 + alone);
      die(outOfMemory);
    }

    JobState.Failure failure = ((JobState.Failed) find(greedy).state()).failure();
    assertThat(failure.code()).isEqualTo("out_of_memory");
    assertThat(find(beside).crashes()).isZero();
  }

  @Test
  void aKillCountsAsAnyLostWorker() {
    Job job = started();

    die(death(KILLED, false, false, null));

    assertThat(find(job).crashes()).isEqualTo(1);
    assertThat(attempts.waitToRunAlone(job.id())).isEmpty();
  }

  @Test
  void onlyTheJobsOfTheDeadWorkerAreFreed() {
    Job mine = started();
    Job others = submitted();
    assertThat(attempts.start(others.id(), new JobState.Running("other", ME.device()))).isPresent();
    jdbc.sql("update scheduled_tasks set picked = true, picked_by = :me where task_instance = :id")
        .param("me", ME.worker())
        .param("id", mine.id())
        .update();
    jdbc.sql(
            "update scheduled_tasks set picked = true, picked_by = 'other' where task_instance ="
                + " :id")
        .param("id", others.id())
        .update();

    die(death(KILLED, false, false, null));

    assertThat(find(mine).state()).isInstanceOf(JobState.Queued.class);
    assertThat(find(others).state()).isInstanceOf(JobState.Running.class);
    assertThat(
            jdbc.sql("select task_instance from scheduled_tasks where picked = true")
                .query(String.class)
                .list())
        .containsExactly(others.id());
  }

  private void makeUnreadable(Job job, boolean unreadable) {
    jdbc.sql("update jobs set progress = :progress where id = :id")
        .param("progress", unreadable ? "{" : null)
        .param("id", job.id())
        .update();
  }

  private void await(Job job, Class<? extends JobState> state) {
    while (!state.isInstance(find(job).state())) {
      Http.pause(Duration.ofMillis(5));
    }
  }

  @Test
  void aJobThatCannotBeReclaimedHoldsUpNoOtherAndIsRetried() {
    List<Job> running = List.of(started(), started(), started());
    Job bad = running.get(1);
    jdbc.sql("update scheduled_tasks set picked = true, picked_by = :worker")
        .param("worker", ME.worker())
        .update();
    makeUnreadable(bad, true);
    die(crash(bad.id()));
    assertThat(find(running.getFirst()).state()).isInstanceOf(JobState.Queued.class);
    assertThat(find(running.getLast()).state()).isInstanceOf(JobState.Queued.class);
    assertThat(picked()).as("no other worker takes it before").containsExactly(bad.id());

    makeUnreadable(bad, false);
    await(bad, JobState.Queued.class);
    while (!picked().isEmpty()) {
      Http.pause(Duration.ofMillis(5));
    }
    // It is still the one that the crash is blamed on.
    Job second = startAgain(bad);
    die(crash(bad.id()));
    assertThat(((JobState.Failed) find(second).state()).failure().code())
        .isEqualTo("worker_crashed");
  }

  private List<String> picked() {
    return jdbc.sql("select task_instance from scheduled_tasks where picked = true")
        .query(String.class)
        .list();
  }
}
