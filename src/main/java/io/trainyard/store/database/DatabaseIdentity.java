package io.trainyard.store.database;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which database this is. A backup keeps the id; an empty database gets its own.
 *
 * @param createdAt when its first table was created
 */
public record DatabaseIdentity(String id, Instant createdAt) {

  /** The identity of a migrated database, which gets one when it has none. */
  public static DatabaseIdentity of(JdbcClient jdbc) {
    return stored(jdbc).orElseGet(() -> create(jdbc));
  }

  private static Optional<DatabaseIdentity> stored(JdbcClient jdbc) {
    return jdbc.sql("select id, created_at from database_identity")
        .query(
            (row, _) ->
                new DatabaseIdentity(row.getString("id"), Timestamps.instant(row, "created_at")))
        .optional();
  }

  private static DatabaseIdentity create(JdbcClient jdbc) {
    try {
      jdbc.sql("insert into database_identity (entry, id, created_at) values (1, :id, :at)")
          .param("id", UUID.randomUUID().toString())
          .param("at", Timestamps.time(firstMigration(jdbc)))
          .update();
    } catch (DuplicateKeyException e) {
      // Another process, which started at the same time, was faster.
    }
    return stored(jdbc).orElseThrow();
  }

  /** Flyway stores local times. */
  private static Instant firstMigration(JdbcClient jdbc) {
    return jdbc.sql("select min(\"installed_on\") from \"flyway_schema_history\"")
        .query((row, _) -> row.getObject(1, LocalDateTime.class))
        .single()
        .atZone(ZoneId.systemDefault())
        .toInstant();
  }
}
