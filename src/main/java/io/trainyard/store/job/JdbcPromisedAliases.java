package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.AliasPromises;
import io.trainyard.job.PromisedAliases;
import io.trainyard.model.Alias;
import io.trainyard.model.AliasStore;
import io.trainyard.model.DefaultVersion;
import io.trainyard.model.ModelVersion;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.Timestamps;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.ObjectNode;

/** Promised aliases in their table. The result of the job says what became of them. */
@Component
record JdbcPromisedAliases(
    JdbcClient jdbc, TransactionTemplate transaction, AliasStore aliases, Clock clock)
    implements PromisedAliases {
  private static final Logger log = LoggerFactory.getLogger(JdbcPromisedAliases.class);

  /** Longer than a version takes to load. */
  private static final Duration TAKEN = Duration.ofMinutes(2);

  private static final int BATCH = 20;

  /**
   * Stores a promise. Joins the transaction that publishes the version.
   *
   * @return what the job says of the alias
   */
  String add(String job, ModelVersion version, String alias, String cause) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    jdbc.sql(
            """
            insert into promised_aliases
              (job_id, model_id, version, alias, alias_move, promised_at, next_at)
            values
              (:job, (select id from models where name = :model), :version, :alias, :move, :now, :now)\
            """)
        .param("job", job)
        .param("model", version.model())
        .param("version", version.version())
        .param("alias", alias)
        .param("move", revision(aliases.find(version.model(), alias)))
        .param("now", Timestamps.time(now))
        .update();
    return "%s; the service tries again until %s and then moves the alias"
        .formatted(cause, now.plus(AliasPromises.LIMIT).truncatedTo(ChronoUnit.SECONDS));
  }

  private static @Nullable Long revision(Optional<Alias> alias) {
    return alias.map(Alias::revision).orElse(null);
  }

  private record Row(Promise promise, Instant next) {}

  @Override
  public List<Promise> takeDue() {
    Instant now = clock.instant();
    return jdbc
        .sql(
            """
            select p.job_id, m.name as model, p.version, p.alias, p.promised_at, p.next_at
            from promised_aliases p join models m on m.id = p.model_id
            where p.next_at <= :now order by p.next_at, p.job_id fetch first %d rows only\
            """
                .formatted(BATCH))
        .param("now", Timestamps.time(now))
        .query(
            (row, _) ->
                new Row(
                    new Promise(
                        row.getString("job_id"),
                        row.getString("model"),
                        row.getInt("version"),
                        row.getString("alias"),
                        Timestamps.instant(row, "promised_at")),
                    Timestamps.instant(row, "next_at")))
        .list()
        .stream()
        .filter(row -> take(row, now))
        .map(Row::promise)
        .toList();
  }

  /** Whether no other process was faster. */
  private boolean take(Row row, Instant now) {
    return jdbc.sql(
                "update promised_aliases set next_at = :later"
                    + " where job_id = :job and next_at = :seen")
            .param("later", Timestamps.time(now.plus(TAKEN).truncatedTo(ChronoUnit.MICROS)))
            .param("job", row.promise().job())
            .param("seen", Timestamps.time(row.next()))
            .update()
        == 1;
  }

  @Override
  public void move(Promise promise) {
    try {
      transaction.executeWithoutResult(
          _ -> {
            List<Long> seen =
                jdbc.sql("select alias_move from promised_aliases where job_id = :job")
                    .param("job", promise.job())
                    .query((row, _) -> row.getObject("alias_move", Long.class))
                    .list();
            if (!seen.isEmpty()) {
              Alias moved =
                  aliases.move(
                      promise.model(),
                      promise.alias(),
                      promise.version(),
                      Alias.Move.byJob(promise.job()),
                      current -> check(promise, seen.getFirst(), current));
              end(promise, null);
              log.info(
                  "The alias '{}' points at {}@{} now, as job {} promised",
                  moved.name(),
                  moved.model(),
                  moved.version(),
                  promise.job());
            }
          });
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.PRECONDITION_FAILED) {
        throw e;
      }
      giveUp(promise, e.detail());
    }
  }

  private static void check(Promise promise, @Nullable Long seen, Optional<Alias> current) {
    boolean isThere = current.isPresent() && current.get().version() == promise.version();
    Long revision = revision(current);
    if (!isThere && (seen == null ? revision != null : !seen.equals(revision))) {
      throw new ServiceException(
          ErrorCode.PRECONDITION_FAILED,
          "the alias was %s before the version could be loaded"
              .formatted(
                  current.map(alias -> "moved to version " + alias.version()).orElse("deleted")));
    }
  }

  @Override
  public void giveUp(Promise promise, String reason) {
    transaction.executeWithoutResult(_ -> end(promise, reason));
  }

  /**
   * Ends a promise.
   *
   * @param reason why the alias did not move; null when it did
   */
  private void end(Promise promise, @Nullable String reason) {
    int ended =
        jdbc.sql("delete from promised_aliases where job_id = :job")
            .param("job", promise.job())
            .update();
    if (ended == 0) {
      return; // by another process
    }
    jdbc.sql("select ending from jobs where id = :job and ending is not null")
        .param("job", promise.job())
        .query(String.class)
        .optional()
        .map(Json::readObject)
        .filter(ending -> ending.get("alias") instanceof ObjectNode)
        .ifPresent(ending -> tell(promise, ending, reason));
  }

  private void tell(Promise promise, ObjectNode ending, @Nullable String reason) {
    ((ObjectNode) ending.get("alias")).put("moved", reason == null).put("reason", reason);
    if (reason == null && promise.alias().equals(Alias.PRODUCTION)) {
      new DefaultVersion(promise.alias(), promise.version()).putInto(ending);
    }
    jdbc.sql("update jobs set ending = :ending where id = :job")
        .param("ending", ending.toString())
        .param("job", promise.job())
        .update();
  }
}
