package io.trainyard.store.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Instants as both databases store them: timestamps with time zone, in UTC. */
public final class Timestamps {
  private Timestamps() {}

  public static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** Now, in microseconds: both databases keep them exactly. */
  public static OffsetDateTime now(Clock clock) {
    return time(clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  /** The time in a column that may have none. */
  public static @Nullable Instant nullable(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  public static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
