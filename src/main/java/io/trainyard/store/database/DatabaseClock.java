package io.trainyard.store.database;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database's time, so that all processes agree on who is late and what is old, however wrong
 * their machines' clocks are. It is looked at now and then; in between, and while the database is
 * away, it goes on by the monotonic clock.
 */
final class DatabaseClock extends Clock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DatabaseClock.class);
  private static final Duration EVERY = Duration.ofSeconds(10);

  /** An answer that takes longer may be as wrong as that. */
  private static final Duration SLOW = Duration.ofMillis(500);

  private final DataSource database;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService corrections =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("database-clock").factory());
  private volatile Look last;

  /** What the database's clock showed. */
  private record Look(Instant time, long nanos, Duration took) {}

  DatabaseClock(DataSource database, LongSupplier nanoTime) throws SQLException {
    this.database = database;
    this.nanoTime = nanoTime;
    this.last = read();
    var _ =
        corrections.scheduleWithFixedDelay(
            this::correct, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Look read() throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      long asked = nanoTime.getAsLong();
      try (var answer = statement.executeQuery("SELECT CURRENT_TIMESTAMP")) {
        answer.next();
        Instant time = answer.getObject(1, OffsetDateTime.class).toInstant();
        long took = nanoTime.getAsLong() - asked;
        return new Look(time, asked + took / 2, Duration.ofNanos(took));
      }
    }
  }

  void correct() {
    try {
      Look look = read();
      if (look.took().compareTo(SLOW) < 0 || last.took().compareTo(SLOW) >= 0) {
        last = look;
      }
    } catch (SQLException | RuntimeException e) {
      log.debug("The database's time is looked at later: {}", e.toString());
    }
  }

  @Override
  public Instant instant() {
    Look look = last;
    return look.time().plusNanos(nanoTime.getAsLong() - look.nanos());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("times are UTC here");
  }

  @Override
  public void close() {
    corrections.shutdownNow();
  }
}
