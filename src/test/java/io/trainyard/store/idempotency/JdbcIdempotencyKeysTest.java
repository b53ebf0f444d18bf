package io.trainyard.store.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.idempotency.IdempotencyKeys;
import io.trainyard.idempotency.IdempotencyKeys.Answer;
import io.trainyard.idempotency.IdempotencyKeys.Claim;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.database.Timestamps;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** On real databases. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JdbcIdempotencyKeysTest {
  private static final String KEY = "k".repeat(64);
  private static final String PAYLOAD = "p".repeat(64);
  private static final Created JOB = new Created(Created.Kind.JOB, "0192-ab");
  private static final Answer ANSWER = new Answer(202, "/there", "\"1\"", "application/json", "{}");

  private final TestDatabase kind;
  @TempDir Path folder;
  TestDatabase.Opened database;
  JdbcClient jdbc;
  JdbcIdempotencyKeys keys;

  JdbcIdempotencyKeysTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    jdbc = JdbcClient.create(database.source());
    keys = process(Clock.systemUTC());
  }

  private JdbcIdempotencyKeys process(Clock clock) {
    return new JdbcIdempotencyKeys(database.source(), jdbc, clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void keyIsClaimedKeptAndReleased() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    assertThat(keys.claim(KEY, PAYLOAD)).isEqualTo(new Claim.Running());
    assertThat(keys.claim(KEY, "q".repeat(64))).isEqualTo(new Claim.OtherPayload());
    keys.release(claim);
    claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    keys.keep(claim, ANSWER);
    assertThat(keys.claim(KEY, PAYLOAD)).isEqualTo(new Claim.Answered(ANSWER));
    keys.release(claim);
    assertThat(keys.claim(KEY, PAYLOAD)).isEqualTo(new Claim.Answered(ANSWER));
  }

  @Test
  void retryRunsACallThatDiedWithItsProcess() {
    keys.claim(KEY, PAYLOAD);
    // On PostgreSQL a death shows after a minute. On H2 there is no other process that could live.
    var later = process(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2)));
    assertThat(later.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Fresh.class);
    if (kind != TestDatabase.H2) {
      assertThat(process(Clock.systemUTC()).claim(KEY, PAYLOAD)).isEqualTo(new Claim.Running());
    }
  }

  @Test
  void callThatTakesLongKeepsItsClaim() {
    assumeThat(kind).as("another process may use the database").isNotEqualTo(TestDatabase.H2);
    keys.claim(KEY, PAYLOAD);
    jdbc.sql("update idempotency_keys set created_at = :then")
        .param("then", Timestamps.time(Instant.now().minus(Duration.ofMinutes(2))))
        .update();
    keys.renew();
    assertThat(process(Clock.systemUTC()).claim(KEY, PAYLOAD)).isEqualTo(new Claim.Running());
  }

  @Test
  void retryOfACallThatCreatedBeforeItDiedGetsTheResource() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    ScopedValue.where(IdempotencyKeys.CURRENT, claim)
        .run(() -> JdbcIdempotencyKeys.created(jdbc, JOB));
    var later = process(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2)));
    assertThat(later.claim(KEY, PAYLOAD)).isEqualTo(new Claim.Unanswered(JOB));
    keys.release(claim);
    assertThat(later.claim(KEY, PAYLOAD)).as("not released").isEqualTo(new Claim.Unanswered(JOB));
  }

  @Test
  void callThatLostItsClaimCreatesNothing() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    process(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2))).claim(KEY, PAYLOAD);
    assertThatThrownBy(
            () ->
                ScopedValue.where(IdempotencyKeys.CURRENT, claim)
                    .run(() -> JdbcIdempotencyKeys.created(jdbc, JOB)))
        .isInstanceOf(ServiceException.class);
  }

  @Test
  void callWhoseEndCouldNotBeStoredCanBeRetried() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    whileTheTableIsAway(() -> keys.release(claim));
    var again = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    whileTheTableIsAway(() -> keys.keep(again, ANSWER));
    assertThat(keys.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Fresh.class);
  }

  private void whileTheTableIsAway(ThrowingCallable call) {
    jdbc.sql("alter table idempotency_keys rename to away").update();
    assertThatThrownBy(call).isInstanceOf(DataAccessException.class);
    jdbc.sql("alter table away rename to idempotency_keys").update();
  }

  @Test
  void keysAreKeptForADay() {
    keys.keep((Claim.Fresh) keys.claim(KEY, PAYLOAD), ANSWER);
    keys.deleteExpired();
    assertThat(keys.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Answered.class);
    process(Clock.offset(Clock.systemUTC(), Duration.ofHours(25))).deleteExpired();
    assertThat(keys.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Fresh.class);
  }

  /** An earlier build stored status and location when a call created something. */
  @Test
  void keysOfAnEarlierBuildAreMigrated() {
    jdbc.sql("alter table idempotency_keys drop column created_kind").update();
    jdbc.sql("alter table idempotency_keys drop column created_id").update();
    Map<Created, String> locations =
        Map.of(
            JOB,
            "/v1/jobs/0192-ab",
            new Created(Created.Kind.MODEL, "iris"),
            "/v1/models/iris",
            new Created(Created.Kind.MODEL_VERSION, "iris@12"),
            "/v1/models/iris/versions/12");
    locations.forEach((_, location) -> insertFromAnEarlierBuild(location, null));
    insertFromAnEarlierBuild("/v1/jobs/answered", "{}");
    new ResourceDatabasePopulator(new ClassPathResource("db/migration/V7__created_resources.sql"))
        .execute(database.source());
    locations.forEach(
        (created, location) ->
            assertThat(keys.claim(location, PAYLOAD)).isEqualTo(new Claim.Unanswered(created)));
    assertThat(keys.claim("/v1/jobs/answered", PAYLOAD))
        .isEqualTo(
            new Claim.Answered(
                new Answer(202, "/v1/jobs/answered", null, "application/json", "{}")));
  }

  /** While processes of two builds share a database, this row appears after the migration. */
  @Test
  void creationOfAnEarlierBuildIsAnsweredWithItsLocation() {
    insertFromAnEarlierBuild("/v1/jobs/late", null);
    assertThat(keys.claim("/v1/jobs/late", PAYLOAD))
        .isEqualTo(
            new Claim.Answered(new Answer(202, "/v1/jobs/late", null, "application/json", "")));
  }

  /** The location stands for the key. */
  private void insertFromAnEarlierBuild(String location, @Nullable String body) {
    jdbc.sql(
            "insert into idempotency_keys (id, payload, holder, status, location, content_type,"
                + " body, created_at) values (:key, :payload, 'dead/1', 202, :key,"
                + " 'application/json', :body, :now)")
        .param("key", location)
        .param("payload", PAYLOAD)
        .param("body", body)
        .param("now", Timestamps.time(Instant.now()))
        .update();
  }
}
