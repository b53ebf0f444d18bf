package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.AliasPromises;
import io.trainyard.job.Attempts.Publication;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.PromisedAliases.Promise;
import io.trainyard.model.DefaultVersion;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.train.MeasuredForms;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a job promised is done once its version can be loaded, unless a person wanted otherwise. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class PromisedAliasesTest extends JobStoreFixture {
  private static final String CAUSE = "the version could not be loaded (loading): soon";

  private @Nullable RuntimeException loading;

  PromisedAliasesTest(TestDatabase kind) {
    super(kind);
  }

  @BeforeEach
  void load() {
    loading = null;
  }

  private JdbcPromisedAliases promises(Duration later) {
    Clock clock = Clock.fixed(Instant.now().plus(later), ZoneOffset.UTC);
    return new JdbcPromisedAliases(
        jdbc,
        new TransactionTemplate(new JdbcTransactionManager(database.source())),
        stores.aliases,
        clock);
  }

  /** A run of the background task, in a process that starts now. */
  private void keepDue(Duration later) {
    Consumer<ModelVersion> loader =
        version -> {
          if (loading != null && version.version() == 1) {
            throw loading;
          }
        };
    new AliasPromises(
            promises(later),
            stores.versions,
            loader,
            new JobOutages(),
            Clock.fixed(Instant.now().plus(later), ZoneOffset.UTC),
            true)
        .keepDue();
  }

  private Job promised() {
    Job job = started();
    Publication plain = publication(job, "production", null);
    Publication delayed =
        new Publication(
            plain.version(),
            plain.evaluation(),
            "production",
            null,
            CAUSE,
            true,
            null,
            null,
            MeasuredForms.NONE);
    assertThat(attempts.succeed(job, delayed, ProgressReport.EMPTY)).isTrue();
    return job;
  }

  private JobState.AliasMove told(Job job) {
    return Objects.requireNonNull(result(job).alias());
  }

  private JobState.Result result(Job job) {
    JobState.Succeeded end = (JobState.Succeeded) find(job).state();
    return (JobState.Result) Objects.requireNonNull(end.result());
  }

  private void assertGivenUp(Job job, String reason) {
    assertThat(told(job)).isEqualTo(new JobState.AliasMove("production", false, reason));
    assertThat(promises(Duration.ofDays(3)).takeDue()).isEmpty();
  }

  @Test
  void aPromiseIsKeptWhenTheVersionCanBeLoaded() {
    Job job = promised();
    assertThat(told(job).moved()).isFalse();
    assertThat(told(job).reason())
        .startsWith(CAUSE + "; the service tries again until 20")
        .endsWith("Z and then moves the alias");
    assertThat(stores.aliases.find("xor", "production")).isEmpty();
    assertThat(result(job).serving()).isEqualTo(new DefaultVersion(null, 1));

    loading = new ServiceException(ErrorCode.LOADING, "soon");
    keepDue(Duration.ofSeconds(1));
    assertThat(told(job).moved()).isFalse();

    loading = null;
    keepDue(Duration.ofSeconds(2));
    assertThat(told(job).moved()).as("another process may be at it").isFalse();
    keepDue(Duration.ofMinutes(3));
    assertThat(told(job)).isEqualTo(new JobState.AliasMove("production", true, null));
    assertThat(result(job).serving()).isEqualTo(new DefaultVersion("production", 1));
    assertThat(stores.resolver.alias("xor", "production").version()).isEqualTo(1);
    assertThat(stores.aliases.history("xor", "production", 5, null))
        .singleElement()
        .satisfies(move -> assertThat(move.by()).isEqualTo("job " + job.id()));
    keepDue(Duration.ofDays(3));
    assertThat(told(job).moved()).isTrue();
  }

  @Test
  void onePromiseIsTakenByOneProcess() {
    Job job = promised();
    assertThat(promises(Duration.ofSeconds(1)).takeDue())
        .extracting(Promise::job)
        .containsExactly(job.id());
    assertThat(promises(Duration.ofSeconds(1)).takeDue()).isEmpty();
  }

  @Test
  void thePersonWhoMovesTheAliasWins() {
    Job first = started();
    attempts.succeed(first, publication(first, "production", null), ProgressReport.EMPTY);
    Job job = promised();
    Job third = started();
    attempts.succeed(third, publication(third, null, null), ProgressReport.EMPTY);
    stores.aliases.move("xor", "production", 3, "ann", Precondition.none());
    keepDue(Duration.ofSeconds(1));
    assertThat(stores.resolver.alias("xor", "production").version()).isEqualTo(3);
    assertGivenUp(job, "the alias was moved to version 3 before the version could be loaded");
  }

  @Test
  void thePersonWhoDeletesTheAliasWins() {
    Job first = started();
    attempts.succeed(first, publication(first, "production", null), ProgressReport.EMPTY);
    Job job = promised();
    stores.aliases.delete("xor", "production", Precondition.none());
    keepDue(Duration.ofSeconds(1));
    assertThat(stores.aliases.find("xor", "production")).isEmpty();
    assertGivenUp(job, "the alias was deleted before the version could be loaded");
  }

  @Test
  void thePersonWhoKeepsThePromiseLeavesNothingToDo() {
    Job job = promised();
    stores.aliases.move("xor", "production", 1, "ann", Precondition.none());
    keepDue(Duration.ofSeconds(1));
    assertThat(told(job)).isEqualTo(new JobState.AliasMove("production", true, null));
    assertThat(stores.aliases.history("xor", "production", 5, null)).hasSize(1);
  }

  @Test
  void aDeletedVersionEndsItsPromise() {
    Job job = promised();
    stores.versions.delete("xor", 1, Precondition.none());
    keepDue(Duration.ofSeconds(1));
    assertGivenUp(job, "the version was deleted before it could be loaded");
  }

  @Test
  void aVersionThatCannotAnswerEndsItsPromise() {
    Job job = promised();
    loading = new ServiceException(ErrorCode.NOT_ANSWERABLE, "no prediction");
    keepDue(Duration.ofSeconds(1));
    assertGivenUp(job, "the version cannot answer (not_answerable): no prediction");
  }

  @Test
  void aFaultOfTheServiceEndsOnePromiseAlone() {
    Job job = promised();
    Job other = promised();
    loading = new IllegalStateException("a bug");
    keepDue(Duration.ofSeconds(1));
    assertThat(told(other)).isEqualTo(new JobState.AliasMove("production", true, null));
    assertGivenUp(job, "the version could not be loaded (internal): the log has more");
  }

  @Test
  void aPromiseIsGivenUpAfterADay() {
    Job job = promised();
    loading = new ServiceException(ErrorCode.LOADING, "soon");
    keepDue(Duration.ofHours(23));
    assertThat(told(job).reason()).contains("tries again");
    keepDue(AliasPromises.LIMIT.plusMinutes(1));
    assertGivenUp(job, "the version could not be loaded (loading): soon");
  }

  @Test
  void thePromiseOfADeletedJobIsKept() {
    Job job = promised();
    assertThat(store.delete(job.id())).isTrue();
    keepDue(Duration.ofSeconds(1));
    assertThat(stores.resolver.alias("xor", "production").version()).isEqualTo(1);
    assertThat(promises(Duration.ofDays(3)).takeDue()).isEmpty();
  }
}
