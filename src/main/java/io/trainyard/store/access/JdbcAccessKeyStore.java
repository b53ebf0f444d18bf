package io.trainyard.store.access;

import io.trainyard.access.AccessKey;
import io.trainyard.access.AccessKeyStore;
import io.trainyard.access.Binding;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Keys in the table {@code access_keys}. */
@Component
@DependsOnDatabaseInitialization
record JdbcAccessKeyStore(JdbcClient jdbc, TransactionTemplate transaction, Clock clock)
    implements AccessKeyStore {
  @Override
  public List<AccessKey> all() {
    return jdbc.sql(
            "select id, name, prefix, sha256, scopes, models, datasets, requests_per_second,"
                + " concurrent_requests, stored_bytes, unfinished_jobs, max_priority, created_by,"
                + " created_at, expires_at, last_used_at from access_keys"
                + " order by created_at desc, id")
        .query(ReadableRows.list(JdbcAccessKeyStore::read));
  }

  private static AccessKey read(ResultSet row) throws SQLException {
    return new AccessKey(
        row.getString("id"),
        row.getString("name"),
        row.getString("prefix"),
        row.getString("sha256"),
        Scope.known(words(row.getString("scopes"))),
        binding(row.getString("models")),
        binding(row.getString("datasets")),
        new Limits(
            row.getObject("requests_per_second", Integer.class),
            row.getObject("concurrent_requests", Integer.class),
            row.getObject("stored_bytes", Long.class),
            row.getObject("unfinished_jobs", Integer.class)),
        row.getInt("max_priority"),
        row.getString("created_by"),
        Timestamps.instant(row, "created_at"),
        Timestamps.nullable(row, "expires_at"),
        Timestamps.nullable(row, "last_used_at"));
  }

  private static Binding binding(@Nullable String words) {
    return words == null ? Binding.ALL : Binding.of(words(words));
  }

  private static @Nullable String text(Binding binding) {
    List<String> words = binding.words();
    return words == null ? null : String.join(" ", words);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(" "));
  }

  @Override
  public boolean insert(AccessKey key) {
    try {
      jdbc.sql(
              """
              insert into access_keys (id, name, prefix, sha256, scopes, models,
                datasets, requests_per_second, concurrent_requests, stored_bytes, unfinished_jobs,
                max_priority, created_by, created_at, expires_at)
              values (:id, :name, :prefix, :sha256, :scopes, :models, :datasets, :rate,
                :concurrent, :bytes, :jobs, :priority, :by, :created, :expires)\
              """)
          .param("id", key.id())
          .param("name", key.name())
          .param("prefix", key.prefix())
          .param("sha256", key.sha256())
          .param("scopes", Scope.words(key.scopes(), " "))
          .param("models", text(key.models()))
          .param("datasets", text(key.datasets()))
          .param("priority", key.maxPriority())
          .param("rate", key.limits().requestsPerSecond())
          .param("concurrent", key.limits().concurrentRequests())
          .param("bytes", key.limits().storedBytes())
          .param("jobs", key.limits().unfinishedJobs())
          .param("by", key.createdBy())
          .param("created", Timestamps.time(key.createdAt()))
          .param("expires", key.expiresAt() == null ? null : Timestamps.time(key.expiresAt()))
          .update();
      return true;
    } catch (DuplicateKeyException e) {
      return false;
    }
  }

  @Override
  public boolean delete(String id, boolean leavesAdmin) {
    return transaction.execute(
        _ -> {
          if (leavesAdmin) {
            requireAnother(id);
          }
          return jdbc.sql("delete from access_keys where id = :id").param("id", id).update() == 1;
        });
  }

  /** Refuses the deletion of the last key that can make others. */
  private void requireAnother(String id) {
    // Of two deletions, the second one waits here and sees what the first one has left.
    jdbc.sql("select id from access_keys order by id for update").query(String.class).list();
    Instant now = clock.instant();
    List<AccessKey> all = all();
    all.stream()
        .filter(key -> key.id().equals(id) && key.administers(now))
        .filter(last -> all.stream().noneMatch(key -> key.replaces(last, now)))
        .findFirst()
        .ifPresent(
            last -> {
              throw new ServiceException(
                  ErrorCode.IN_USE,
                  "'%s' is the last key with the scope admin%s, and nobody could make another one; make one first"
                      .formatted(
                          last.name(), last.expiresAt() == null ? " that does not expire" : ""));
            });
  }

  @Override
  public void used(Map<String, Instant> times) {
    times.forEach(
        (id, time) ->
            jdbc.sql(
                    "update access_keys set last_used_at = :time where id = :id"
                        + " and (last_used_at is null or last_used_at < :time)")
                .param("time", Timestamps.time(time))
                .param("id", id)
                .update());
  }
}
