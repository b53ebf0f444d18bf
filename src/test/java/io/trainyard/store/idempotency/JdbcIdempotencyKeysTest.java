package io.trainyard.store.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ServiceException;
import io.trainyard.job.IdempotencyKeys;
import io.trainyard.job.IdempotencyKeys.Answer;
import io.trainyard.job.IdempotencyKeys.Claim;
import io.trainyard.store.database.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** On real databases. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
class JdbcIdempotencyKeysTest {
  private static final String KEY = "k".repeat(64);
  private static final String PAYLOAD = "p".repeat(64);
  private static final Answer ANSWER = new Answer(202, "/there", "application/json", "{}");

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
    assertThat(keys.claim(KEY, PAYLOAD)).isEqualTo(new Claim.Made(ANSWER));
    keys.release(claim);
    assertThat(keys.claim(KEY, PAYLOAD)).isEqualTo(new Claim.Made(ANSWER));
  }

  @Test
  void callThatDiedWithItsProcessIsRunAgain() {
    keys.claim(KEY, PAYLOAD);
    // On PostgreSQL nobody knows of a death at once; on the embedded database everybody does.
    var later = process(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2)));
    assertThat(later.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Fresh.class);
    if (kind != TestDatabase.H2) {
      assertThat(process(Clock.systemUTC()).claim(KEY, PAYLOAD)).isEqualTo(new Claim.Running());
    }
  }

  @Test
  void callThatCreatedBeforeItDiedIsNotRunAgain() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    ScopedValue.where(IdempotencyKeys.CURRENT, claim)
        .run(() -> JdbcIdempotencyKeys.created(jdbc, 202, "/there"));
    var later = process(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2)));
    assertThat(later.claim(KEY, PAYLOAD))
        .isEqualTo(new Claim.Made(new Answer(202, "/there", null, null)));
  }

  @Test
  void callWhoseClaimWasTakenOverCreatesNothing() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    process(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2))).claim(KEY, PAYLOAD);
    assertThatThrownBy(
            () ->
                ScopedValue.where(IdempotencyKeys.CURRENT, claim)
                    .run(() -> JdbcIdempotencyKeys.created(jdbc, 202, "/there")))
        .isInstanceOf(ServiceException.class);
  }

  @Test
  void callWhoseEndCouldNotBeStoredMayBeRepeated() {
    var claim = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    whileTheTableIsAway(() -> keys.release(claim));
    var again = (Claim.Fresh) keys.claim(KEY, PAYLOAD);
    whileTheTableIsAway(() -> keys.keep(again, ANSWER));
    assertThat(keys.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Fresh.class);
  }

  private void whileTheTableIsAway(ThrowingCallable call) {
    jdbc.sql("ALTER TABLE idempotency_keys RENAME TO away").update();
    assertThatThrownBy(call).isInstanceOf(DataAccessException.class);
    jdbc.sql("ALTER TABLE away RENAME TO idempotency_keys").update();
  }

  @Test
  void keysAreKeptForADay() {
    keys.keep((Claim.Fresh) keys.claim(KEY, PAYLOAD), ANSWER);
    keys.sweep();
    assertThat(keys.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Made.class);
    process(Clock.offset(Clock.systemUTC(), Duration.ofHours(25))).sweep();
    assertThat(keys.claim(KEY, PAYLOAD)).isInstanceOf(Claim.Fresh.class);
  }
}
