package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.Precondition;
import io.trainyard.model.StoredWeights;
import io.trainyard.os.HeldFile;
import io.trainyard.spec.ModelReference;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Datasets, models and versions that an unfinished job needs cannot be deleted. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobReferencesTest {
  private static final JobState.Running ME = new JobState.Running("me", Device.CPU);
  private static final String SPEC =
      """
      {"name": "outer",
       "inputs": {"x": {"like": "scaled@1"}},
       "network": {"layers": [
         {"type": "model", "ref": "inner@1", "network": {"layers": [
           {"type": "model", "ref": "leaf@1", "network": {}}]}},
         {"type": "dense", "units": 1}]}}
      """;
  private static final String REQUEST =
      """
      {"model": "outer", "initial_weights": {"model": "first", "version": 1}}
      """;

  private final TestDatabase kind;
  @TempDir Path folder;
  TestStores stores;

  JobReferencesTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    stores = new TestStores(kind, folder, Clock.systemUTC());
    stores.rows("xor", "a,b\n1,2\n");
    stores.models.put("outer", Json.read("{\"name\":\"outer\"}"), Precondition.none());
    for (String model : List.of("inner", "leaf", "scaled", "first")) {
      stores.version(model, 1);
    }
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private static Job job(String spec, String request) {
    return TestJobs.queued(
        new TrainingTask(
            "outer",
            Json.read(spec),
            Json.read(request),
            new Task.DatasetReference("xor", 1),
            new Task.Placement("cpu", 0),
            List.of()));
  }

  private Job submitted() {
    Job job = job(SPEC, REQUEST);
    stores.jobs.submit(job, null);
    return job;
  }

  @Test
  void jobReadsTheVersionsThatItNestsInheritsEncodingsFromAndStartsFrom() {
    assertThat(((TrainingTask) job(SPEC, REQUEST).task()).versions())
        .extracting(ModelReference::toString)
        .containsExactly("inner@1", "leaf@1", "scaled@1", "first@1");
  }

  @Test
  void nothingThatAJobNeedsIsDeletedUntilItHasEnded() {
    Job job = submitted();
    assertNothingCanBeDeleted(job);
    Job running = stores.attempts.start(job.id(), ME).orElseThrow();
    assertNothingCanBeDeleted(job);
    stores.attempts.requeue(running, ProgressReport.EMPTY);
    assertNothingCanBeDeleted(job);
    Job waiting = stores.jobs.find(job.id()).orElseThrow();
    stores.jobs.cancel(waiting, ProgressReport.EMPTY);
    stores.models.delete("outer", Precondition.none());
    stores.versions.delete("inner", 1);
    stores.models.delete("inner", Precondition.none());
    stores.models.delete("leaf", Precondition.none());
    stores.models.delete("scaled", Precondition.none());
    stores.models.delete("first", Precondition.none());
    stores.datasets.delete("xor", 1);
  }

  private void assertNothingCanBeDeleted(Job job) {
    assertInUse(() -> stores.models.delete("outer", Precondition.none()), job.id());
    for (String model : List.of("inner", "leaf", "scaled", "first")) {
      assertInUse(() -> stores.versions.delete(model, 1), job.id());
      assertInUse(() -> stores.models.delete(model, Precondition.none()), job.id());
    }
    assertInUse(() -> stores.datasets.delete("xor", 1), "job");
  }

  private static Identity boundTo(String... models) {
    return new Identity(
        "k", "k", Set.of(), Binding.of(List.of(models)), Binding.ALL, Limits.NONE, 0);
  }

  /** A caller may know its model and rows, and not a version that it starts from. */
  @Test
  void jobThatTheCallerMayNotSeeIsNotNamed() {
    Job job = submitted();
    boundTo("outer", "inner", "leaf", "scaled")
        .call(
            () -> {
              assertThatThrownBy(() -> stores.datasets.delete("xor", 1))
                  .hasMessageContaining("an unfinished job of others")
                  .hasMessageNotContaining(job.id());
              return true;
            });
    boundTo("outer", "inner", "leaf", "scaled", "first")
        .call(
            () -> {
              assertInUse(() -> stores.datasets.delete("xor", 1), job.id());
              return true;
            });
  }

  /** Equal weights of others are in the same file. */
  @Test
  void damagedWeightsNameTheVersionsThatTheCallerMayKnow() throws IOException {
    StoredWeights weights = stores.versions.find("inner", 1).orElseThrow().weights();
    try (HeldFile file = stores.weights.file(weights)) {
      Files.write(file.path(), new byte[(int) weights.bytes()]);
    }
    String none = "The weights of a version of others are damaged";
    assertThat(
            List.of(
                damage(Identity.service(), weights),
                damage(boundTo("scaled"), weights),
                damage(boundTo("outer"), weights)))
        .satisfiesExactly(
            all -> assertThat(all).contains("of first@1, inner@1, leaf@1 are damaged"),
            one -> assertThat(one).contains("of scaled@1 are damaged"),
            others -> assertThat(others).contains(none));
  }

  private String damage(Identity caller, StoredWeights weights) {
    return caller.call(
        () ->
            catchThrowableOfType(ServiceException.class, () -> stores.weights.open(weights))
                .detail());
  }

  @Test
  void jobThatNeedsADeletedVersionIsRefused() {
    stores.versions.delete("inner", 1);
    assertThatThrownBy(this::submitted)
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_BODY);
              assertThat(e.violations().toString()).contains("inner@1", "deleted");
            });
    assertThat(stores.jdbc.sql("select count(*) from jobs").query(Integer.class).single()).isZero();
    assertThat(stores.jdbc.sql("select count(*) from dataset_holds").query(Integer.class).single())
        .isZero();
  }

  @Test
  void ofADeletionAndASubmissionAtOnceExactlyOneSucceeds() throws Exception {
    int submitted = 0;
    int rounds = 40;
    try (ExecutorService threads =
        Executors.newFixedThreadPool(2, Identity.service().threads(Thread.ofPlatform()))) {
      for (int i = 0; i < rounds; i++) {
        int kind = i % 4;
        // Submissions and deletions take different times, so the head start varies from −5 to 4 ms.
        int headStart = i / 4 - rounds / 8;
        if (stores.models.find("outer").isEmpty()) {
          stores.models.put("outer", Json.read("{\"name\":\"outer\"}"), Precondition.none());
        }
        int inner = stores.version("inner", i).version();
        int rows = kind == 3 ? stores.rows("xor", "a,b\n1," + i + "\n").version() : 1;
        Job job =
            TestJobs.queued(
                new TrainingTask(
                    "outer",
                    Json.read(SPEC.replace("inner@1", "inner@" + inner)),
                    Json.read(REQUEST),
                    new Task.DatasetReference("xor", rows),
                    new Task.Placement("cpu", 0),
                    List.of()));
        CountDownLatch go = new CountDownLatch(1);
        Future<Boolean> submission =
            threads.submit(() -> succeeds(go, -headStart, () -> stores.jobs.submit(job, null)));
        Future<Boolean> deletion =
            threads.submit(
                () ->
                    succeeds(
                        go,
                        headStart,
                        () -> {
                          switch (kind) {
                            case 0, 1 -> stores.versions.delete("inner", inner);
                            case 2 -> stores.models.delete("outer", Precondition.none());
                            default -> stores.datasets.delete("xor", rows);
                          }
                        }));
        go.countDown();
        assertThat(submission.get()).as("round " + i).isNotEqualTo(deletion.get());
        if (submission.get()) {
          submitted++;
          stores.jobs.cancel(job, ProgressReport.EMPTY);
        }
      }
    }
    assertThat(submitted).as("rounds in which the submission succeeded").isBetween(1, rounds - 1);
  }

  /** Whether the change succeeded; otherwise it must have been refused. */
  private static boolean succeeds(CountDownLatch go, int behind, Runnable change)
      throws InterruptedException {
    go.await();
    Thread.sleep(Math.max(0, behind));
    try {
      change.run();
      return true;
    } catch (ServiceException e) {
      assertThat(e.code()).isIn(ErrorCode.IN_USE, ErrorCode.INVALID_BODY);
      return false;
    }
  }

  private static void assertInUse(ThrowingCallable deletion, String by) {
    assertThatThrownBy(deletion)
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).as(e.detail()).isEqualTo(ErrorCode.IN_USE);
              assertThat(e.detail()).contains(by);
            });
  }
}
