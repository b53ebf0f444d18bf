package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.Attempts.Publication;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.model.DefaultVersion;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.train.MeasuredForms;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A job ends once, with everything that belongs to its end. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobEndingsTest extends JobStoreFixture {
  JobEndingsTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void successStoresVersionAliasMeasurementsAndState() {
    Job job = started();
    assertThat(attempts.succeed(job, publication(job, "production", null), TestJobs.report(1, 2)))
        .isTrue();
    Job done = find(job);
    var result =
        new JobState.Result(
            "xor",
            1,
            new JobState.AliasMove("production", true, null),
            new DefaultVersion("production", 1));
    assertThat(done.state()).isEqualTo(new JobState.Succeeded(result));
    assertThat(done.finishedAt()).isNotNull();
    assertThat(done.lastRun()).isEqualTo(ME);
    assertThat(done.progress().last()).isEqualTo(TestJobs.record(2));
    assertThat(store.epochs(job.id(), 0, 100))
        .containsExactly(TestJobs.record(1), TestJobs.record(2));
    assertThat(stores.resolver.alias("xor", "production").version()).isEqualTo(1);
    assertThat(stores.resolver.version("xor", 1).provenance().jobId()).isEqualTo(job.id());
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void anEvaluationGoesWithItsJob() {
    Job job = started();
    assertThat(store.evaluation(job.id())).isEmpty();
    attempts.succeed(job, publication(job, null, null), ProgressReport.EMPTY);
    assertThat(store.evaluation(job.id())).hasValue("{\"part\":\"test\"}");
    assertThat(store.delete(job.id())).isTrue();
    assertThat(store.evaluation(job.id())).isEmpty();
  }

  @Test
  void aliasDoesNotMoveWhenItsConditionFails() {
    Job job = started();
    attempts.succeed(job, publication(job, "production", "too bad"), ProgressReport.EMPTY);
    assertThat(find(job).state())
        .isEqualTo(
            new JobState.Succeeded(
                new JobState.Result(
                    "xor",
                    1,
                    new JobState.AliasMove("production", false, "too bad"),
                    new DefaultVersion(null, 1))));
    assertThat(stores.aliases.find("xor", "production")).isEmpty();
  }

  @Test
  void theFirstVersionServesUnlessItCannotAnswer() {
    Job first = started();
    Publication publication = publication(first, "staging", "too bad");
    attempts.succeed(
        first,
        new Publication(
            publication.version(),
            publication.evaluation(),
            null,
            null,
            null,
            false,
            null,
            null,
            MeasuredForms.NONE),
        ProgressReport.EMPTY);
    assertThat(serving(first)).isEqualTo(new DefaultVersion(null, 1));
    stores.versions.delete("xor", 1);

    Job second = started();
    attempts.succeed(second, publication(second, "staging", "too bad"), ProgressReport.EMPTY);
    assertThat(serving(second)).isEqualTo(new DefaultVersion("production", 2));
    Job third = started();
    attempts.succeed(third, publication(third, null, null), ProgressReport.EMPTY);
    assertThat(serving(third)).isEqualTo(new DefaultVersion("production", 2));
  }

  private @Nullable DefaultVersion serving(Job job) {
    return find(job).state() instanceof JobState.Succeeded(JobState.Result result, _, _, _)
        ? result.serving()
        : null;
  }

  @Test
  void concurrentCancelAndPublishHaveOneWinner() throws Exception {
    int published = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 60; i++) {
        Job job = started();
        Publication publication = publication(job, null, null);
        Future<Boolean> publish =
            threads.submit(() -> attempts.succeed(job, publication, TestJobs.report(1)));
        Future<Boolean> cancel = threads.submit(() -> store.cancel(job, ProgressReport.EMPTY));
        assertThat(publish.get()).isNotEqualTo(cancel.get());
        published += publish.get() ? 1 : 0;
        assertThat(find(job).state())
            .isInstanceOf(publish.get() ? JobState.Succeeded.class : JobState.Cancelled.class);
      }
    }
    assertThat(stores.versions.numbers("xor", 500)).hasSize(published);
  }

  @Test
  void onlyEndedJobsAreDeletedWithTheirEpochs() {
    Job job = started();
    attempts.record(job, TestJobs.report(1));
    assertThat(store.delete(job.id())).isFalse();
    attempts.finish(
        job,
        new JobState.Failed(new JobState.Failure("x", "y", 1, 2L, "fc")),
        ProgressReport.EMPTY);
    assertThat(find(job).state())
        .isEqualTo(new JobState.Failed(new JobState.Failure("x", "y", 1, 2L, "fc")));
    assertThat(store.delete(job.id())).isTrue();
    assertThat(store.find(job.id())).isEmpty();
    assertThat(store.epochs(job.id(), 0, 100)).isEmpty();
  }

  @Test
  void expiredJobsAreDeleted() {
    Job running = started();
    Job ended = started();
    attempts.finish(ended, new JobState.Cancelled(), ProgressReport.EMPTY);
    endings.deleteEndedBefore(Instant.now().minusSeconds(60));
    assertThat(store.find(ended.id())).isPresent();
    endings.deleteEndedBefore(Instant.now().plusSeconds(60));
    assertThat(store.find(ended.id())).isEmpty();
    assertThat(store.find(running.id())).isPresent();
  }
}
