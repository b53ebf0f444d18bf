package io.trainyard.store.database;

import io.trainyard.os.PeriodicTask;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database's time. All processes share it, so they agree on which lease is late and which file
 * is old, even where a machine's own clock is wrong. It is read every ten seconds; between reads,
 * and while the database is down, the monotonic clock carries it on.
 */
final class DatabaseClock extends Clock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DatabaseClock.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /** A slower answer is ignored: its error may be as large as its duration. */
  private static final Duration SLOW = Duration.ofMillis(500);

  private final DataSource database;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService corrections = PeriodicTask.thread("database-clock");
  private volatile Reading last;

  /** The database's time at {@code nanos} of the monotonic clock. */
  private record Reading(Instant time, long nanos, Duration took) {}

  DatabaseClock(DataSource database, LongSupplier nanoTime) throws SQLException {
    this.database = database;
    this.nanoTime = nanoTime;
    this.last = read();
    PeriodicTask.start(corrections, "time of the database", INTERVAL, INTERVAL, this::correct);
  }

  private Reading read() throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      long asked = nanoTime.getAsLong();
      try (var answer = statement.executeQuery("select current_timestamp")) {
        answer.next();
        Instant time = answer.getObject(1, OffsetDateTime.class).toInstant();
        long took = nanoTime.getAsLong() - asked;
        return new Reading(time, asked + took / 2, Duration.ofNanos(took));
      }
    }
  }

  void correct() {
    try {
      Reading reading = read();
      if (reading.took().compareTo(SLOW) < 0 || last.took().compareTo(SLOW) >= 0) {
        last = reading;
      }
    } catch (SQLException | RuntimeException e) {
      log.debug("The database's time cannot be read; retrying: {}", e.toString());
    }
  }

  @Override
  public Instant instant() {
    Reading reading = last;
    return reading.time().plusNanos(nanoTime.getAsLong() - reading.nanos());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("this clock is UTC");
  }

  @Override
  public void close() {
    corrections.shutdownNow();
  }
}
