package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class DatabaseClockTest {
  private final TestDatabase kind;
  @TempDir Path folder;

  /** Nanoseconds by which the monotonic clock is ahead. */
  private long ahead;

  DatabaseClockTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  private long nanoTime() {
    return System.nanoTime() + ahead;
  }

  @Test
  void followsTheMonotonicClockUntilTheDatabaseCorrectsIt() throws Exception {
    try (TestDatabase.Opened database = kind.open(folder);
        DatabaseClock clock = new DatabaseClock(database.source(), this::nanoTime)) {
      assertThat(clock.instant()).isCloseTo(Instant.now(), within(2, ChronoUnit.SECONDS));
      ahead = Duration.ofHours(1).toNanos();
      assertThat(clock.instant())
          .isCloseTo(Instant.now().plus(Duration.ofHours(1)), within(2, ChronoUnit.SECONDS));
      clock.correct();
      assertThat(clock.instant()).isCloseTo(Instant.now(), within(2, ChronoUnit.SECONDS));
    }
  }

  @Test
  void keepsGoingWhileTheDatabaseIsDown() throws Exception {
    TestDatabase.Opened database = kind.open(folder);
    try (DatabaseClock clock = new DatabaseClock(database.source(), this::nanoTime)) {
      database.close();
      ahead = Duration.ofSeconds(30).toNanos();
      clock.correct();
      assertThat(clock.instant())
          .isCloseTo(Instant.now().plusSeconds(30), within(2, ChronoUnit.SECONDS));
    }
  }
}
