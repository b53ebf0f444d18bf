package io.trainyard.store.idempotency;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.IdempotencyKeys;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Idempotency keys in the database that all processes share. */
@Component
@DependsOnDatabaseInitialization
public final class JdbcIdempotencyKeys implements IdempotencyKeys {
  private static final Duration KEPT = Duration.ofHours(24);

  /** A call of another process that took longer than this died with it. */
  private static final Duration LONGEST_CALL = Duration.ofSeconds(60);

  private final JdbcClient jdbc;
  private final Clock clock;
  private final boolean alone;
  private final String process = UUID.randomUUID().toString();
  private final Set<String> running = ConcurrentHashMap.newKeySet();

  JdbcIdempotencyKeys(DataSource dataSource, JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
    this.alone = DatabaseKind.isEmbedded(dataSource);
  }

  @Override
  public Claim claim(String key, String payload) {
    String holder = process + "/" + UUID.randomUUID().toString().substring(0, 8);
    while (true) {
      if (insert(key, payload, holder)) {
        running.add(holder);
        return new Claim.Fresh(key, holder);
      }
      Row row = find(key);
      if (row == null) {
        continue; // it was released meanwhile
      }
      if (!row.payload().equals(payload)) {
        return new Claim.OtherPayload();
      }
      if (row.answer() != null) {
        return new Claim.Made(row.answer());
      }
      if (isRunning(row)) {
        return new Claim.Running();
      }
      if (takeOver(key, Objects.requireNonNull(row.holder()), holder)) {
        running.add(holder);
        return new Claim.Fresh(key, holder);
      }
    }
  }

  private boolean insert(String key, String payload, String holder) {
    try {
      jdbc.sql(
              "INSERT INTO idempotency_keys (id, payload, holder, created_at)"
                  + " VALUES (?, ?, ?, ?)")
          .params(key, payload, holder, Timestamps.time(clock.instant()))
          .update();
      return true;
    } catch (DuplicateKeyException e) {
      return false;
    }
  }

  private record Row(
      String payload, @Nullable String holder, @Nullable Answer answer, Instant claimedAt) {
    static Row read(ResultSet row, int number) throws SQLException {
      int status = row.getInt("status");
      Answer answer =
          row.wasNull()
              ? null
              : new Answer(
                  status,
                  row.getString("location"),
                  row.getString("content_type"),
                  row.getString("body"));
      return new Row(
          row.getString("payload"),
          row.getString("holder"),
          answer,
          Timestamps.instant(row, "created_at"));
    }
  }

  private @Nullable Row find(String key) {
    return jdbc.sql(
            "SELECT payload, holder, status, location, content_type, body, created_at"
                + " FROM idempotency_keys WHERE id = ?")
        .param(key)
        .query(Row::read)
        .optional()
        .orElse(null);
  }

  private boolean isRunning(Row row) {
    String holder = row.holder();
    if (holder == null) {
      return false;
    }
    return holder.startsWith(process)
        ? running.contains(holder)
        : !alone && row.claimedAt().plus(LONGEST_CALL).isAfter(clock.instant());
  }

  private boolean takeOver(String key, String dead, String holder) {
    return jdbc.sql(
                "UPDATE idempotency_keys SET holder = ?, created_at = ?"
                    + " WHERE id = ? AND holder = ? AND status IS NULL")
            .params(holder, Timestamps.time(clock.instant()), key, dead)
            .update()
        == 1;
  }

  @Override
  public void keep(Claim.Fresh claim, Answer answer) {
    end(
        claim,
        () ->
            jdbc.sql(
                    "UPDATE idempotency_keys SET holder = NULL, status = ?, location = ?,"
                        + " content_type = ?, body = ? WHERE id = ? AND holder = ?")
                .param(answer.status())
                .param(answer.location())
                .param(answer.contentType())
                .param(answer.body())
                .param(claim.key())
                .param(claim.holder())
                .update());
  }

  /** A call is over even when that cannot be stored: whoever repeats it takes its claim over. */
  private void end(Claim.Fresh claim, Runnable storing) {
    try {
      storing.run();
    } finally {
      running.remove(claim.holder());
    }
  }

  /**
   * Marks the claim the present call runs under, if any, as having created something; joins the
   * caller's transaction, which must not commit when another call took the claim over.
   */
  public static void created(JdbcClient jdbc, int status, String location) {
    if (!CURRENT.isBound()) {
      return;
    }
    Claim.Fresh claim = CURRENT.get();
    int marked =
        jdbc.sql(
                "UPDATE idempotency_keys SET status = ?, location = ?"
                    + " WHERE id = ? AND holder = ?")
            .params(status, location, claim.key(), claim.holder())
            .update();
    if (marked == 0) {
      throw new ServiceException(
          ErrorCode.CONFLICT, "Another call under the same Idempotency-Key took over");
    }
  }

  @Override
  public void release(Claim.Fresh claim) {
    end(
        claim,
        () ->
            jdbc.sql("DELETE FROM idempotency_keys WHERE id = ? AND holder = ? AND status IS NULL")
                .params(claim.key(), claim.holder())
                .update());
  }

  public void sweep() {
    jdbc.sql("DELETE FROM idempotency_keys WHERE created_at < ?")
        .param(Timestamps.time(clock.instant().minus(KEPT)))
        .update();
  }
}
