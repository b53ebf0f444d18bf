package io.trainyard.store.idempotency;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.idempotency.IdempotencyKeys;
import io.trainyard.os.PeriodicTask;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Idempotency keys in the database that all processes share. */
@Component
@DependsOnDatabaseInitialization
public final class JdbcIdempotencyKeys implements IdempotencyKeys, AutoCloseable {
  private static final Duration RETENTION = Duration.ofHours(24);

  /** A call of another process that has not renewed its claim for this time counts as dead. */
  private static final Duration RENEWED_WITHIN = Duration.ofSeconds(60);

  private static final Duration RENEWAL = Duration.ofSeconds(10);

  private final JdbcClient jdbc;
  private final Clock clock;
  private final boolean onlyProcess;
  private final String process = UUID.randomUUID().toString();

  /** The keys of this process's running calls, by holder. */
  private final Map<String, String> running = new ConcurrentHashMap<>();

  private final ScheduledExecutorService renewals =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("idempotency-renewal").factory());

  JdbcIdempotencyKeys(DataSource dataSource, JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
    this.onlyProcess = DatabaseKind.isEmbedded(dataSource);
    if (!onlyProcess) {
      PeriodicTask.start(renewals, "renewal of idempotency keys", RENEWAL, RENEWAL, this::renew);
    }
  }

  /** Renews the claims of running calls, however long these take. */
  void renew() {
    running.forEach(
        (holder, key) ->
            jdbc.sql(
                    "update idempotency_keys set created_at = :now"
                        + " where id = :key and holder = :holder")
                .param("now", Timestamps.time(clock.instant()))
                .param("key", key)
                .param("holder", holder)
                .update());
  }

  @Override
  public void close() {
    renewals.shutdownNow();
  }

  @Override
  public Claim claim(String key, String payload) {
    String holder = process + "/" + UUID.randomUUID().toString().substring(0, 8);
    while (true) {
      if (insert(key, payload, holder)) {
        running.put(holder, key);
        return new Claim.Fresh(key, holder);
      }
      Row row = find(key);
      if (row == null) {
        continue; // released since the insert failed
      }
      Claim earlier = row.claim(payload);
      if (earlier != null) {
        return earlier;
      }
      if (isRunning(row)) {
        return new Claim.Running();
      }
      if (takeOver(key, Objects.requireNonNull(row.holder()), holder)) {
        running.put(holder, key);
        return new Claim.Fresh(key, holder);
      }
    }
  }

  @Override
  public boolean isKnown(String key) {
    return find(key) != null;
  }

  private boolean insert(String key, String payload, String holder) {
    try {
      jdbc.sql(
              "insert into idempotency_keys (id, payload, holder, created_at)"
                  + " values (:key, :payload, :holder, :now)")
          .param("key", key)
          .param("payload", payload)
          .param("holder", holder)
          .param("now", Timestamps.time(clock.instant()))
          .update();
      return true;
    } catch (DuplicateKeyException e) {
      return false;
    }
  }

  private record Row(
      String payload,
      @Nullable String holder,
      @Nullable Answer answer,
      @Nullable Created created,
      Instant claimedAt) {
    static Row read(ResultSet row, int number) throws SQLException {
      return new Row(
          row.getString("payload"),
          row.getString("holder"),
          answer(row),
          created(row),
          Timestamps.instant(row, "created_at"));
    }

    private static @Nullable Answer answer(ResultSet row) throws SQLException {
      int status = row.getInt("status");
      if (row.wasNull()) {
        return null;
      }
      // An earlier build stored a status without a body when it created something.
      String body = row.getString("body");
      return new Answer(
          status,
          row.getString("location"),
          row.getString("etag"),
          row.getString("content_type"),
          body == null ? "" : body);
    }

    private static @Nullable Created created(ResultSet row) throws SQLException {
      String kind = row.getString("created_kind");
      return kind == null ? null : new Created(Created.Kind.of(kind), row.getString("created_id"));
    }

    /** What an earlier call leaves to a retry; null while it has neither answered nor created. */
    @Nullable Claim claim(String retriedPayload) {
      if (!payload.equals(retriedPayload)) {
        return new Claim.OtherPayload();
      }
      if (answer != null) {
        return new Claim.Answered(answer);
      }
      return created == null ? null : new Claim.Unanswered(created);
    }
  }

  private @Nullable Row find(String key) {
    return jdbc.sql(
            "select payload, holder, status, location, etag, content_type, body, created_kind,"
                + " created_id, created_at from idempotency_keys where id = :key")
        .param("key", key)
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
        ? running.containsKey(holder)
        : !onlyProcess && row.claimedAt().plus(RENEWED_WITHIN).isAfter(clock.instant());
  }

  private boolean takeOver(String key, String dead, String holder) {
    return jdbc.sql(
                "update idempotency_keys set holder = :holder, created_at = :now"
                    + " where id = :key and holder = :dead"
                    + " and status is null and created_kind is null")
            .param("holder", holder)
            .param("now", Timestamps.time(clock.instant()))
            .param("key", key)
            .param("dead", dead)
            .update()
        == 1;
  }

  @Override
  public void keep(Claim.Fresh claim, Answer answer) {
    end(
        claim,
        () ->
            jdbc.sql(
                    "update idempotency_keys set holder = null, status = :status,"
                        + " location = :location, etag = :etag, content_type = :type, body = :body"
                        + " where id = :key and holder = :holder")
                .param("status", answer.status())
                .param("location", answer.location())
                .param("etag", answer.etag())
                .param("type", answer.contentType())
                .param("body", answer.body())
                .param("key", claim.key())
                .param("holder", claim.holder())
                .update());
  }

  /** The call has ended even when the database refuses: a retry can then claim the key. */
  private void end(Claim.Fresh claim, Runnable update) {
    try {
      update.run();
    } finally {
      running.remove(claim.holder());
    }
  }

  /**
   * Records what the current call created, if the call has a key. Joins the caller's transaction,
   * which must not commit when another call has taken over the claim.
   */
  public static void created(JdbcClient jdbc, Created resource) {
    if (!CURRENT.isBound()) {
      return;
    }
    Claim.Fresh claim = CURRENT.get();
    int recorded =
        jdbc.sql(
                "update idempotency_keys set created_kind = :kind, created_id = :id"
                    + " where id = :key and holder = :holder")
            .param("kind", resource.kind().word())
            .param("id", resource.id())
            .param("key", claim.key())
            .param("holder", claim.holder())
            .update();
    if (recorded == 0) {
      throw new ServiceException(
          ErrorCode.CONFLICT, "Another call under the same Idempotency-Key took over");
    }
  }

  @Override
  public void release(Claim.Fresh claim) {
    end(
        claim,
        () ->
            jdbc.sql(
                    "delete from idempotency_keys where id = :key and holder = :holder"
                        + " and status is null and created_kind is null")
                .param("key", claim.key())
                .param("holder", claim.holder())
                .update());
  }

  /** Deletes expired keys. */
  public void deleteExpired() {
    jdbc.sql("delete from idempotency_keys where created_at < :oldest")
        .param("oldest", Timestamps.time(clock.instant().minus(RETENTION)))
        .update();
  }
}
