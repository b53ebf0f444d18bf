package io.trainyard.store.model;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.Alias;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.serving.ServingLimits;
import io.trainyard.model.serving.ServingStore;
import io.trainyard.model.serving.VersionServing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How versions are served, in the database that all processes share. */
@Component
public final class JdbcServingStore implements ServingStore {
  private static final String LIMITS =
      """
      select m.name, s.max_batch_rows, s.max_concurrency, s.timeout_millis, s.revision
      from model_serving s join models m on m.id = s.model_id
      """;

  private static final String VERSIONS =
      """
      select v.id, m.name as model, v.version, s.unloaded, s.pinned, s.loads,
        s.quarantine
      from model_versions v join models m on m.id = v.model_id
      left join version_serving s on s.version_id = v.id
      """;

  private final JdbcClient jdbc;
  private final ModelTransactions transactions;
  private final ModelTable models;

  public JdbcServingStore(JdbcClient jdbc, ModelTransactions transactions, Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.models = new ModelTable(jdbc, clock);
  }

  @Override
  public List<VersionServing> versions() {
    return jdbc.sql(VERSIONS + "where s.version_id is not null order by v.id desc")
        .query(JdbcServingStore::version)
        .list();
  }

  @Override
  public List<VersionServing> aliased() {
    return jdbc.sql(
            VERSIONS
                + """
                join (select a.model_id, a.version,
                    max(case when a.name = :production then 1 else 0 end) as production
                  from aliases a join alias_moves move on move.id = a.move_id
                  where move.granted = false group by a.model_id, a.version) a
                  on a.model_id = v.model_id and a.version = v.version
                order by a.production desc, v.id desc\
                """)
        .param("production", Alias.PRODUCTION)
        .query(JdbcServingStore::version)
        .list();
  }

  @Override
  public List<VersionServing> ofFile(String sha256) {
    return jdbc.sql(VERSIONS + "where v.weights_sha256 = :sha256 order by v.id")
        .param("sha256", sha256)
        .query(JdbcServingStore::version)
        .list();
  }

  private static VersionServing version(ResultSet row, int number) throws SQLException {
    return new VersionServing(
        row.getLong("id"),
        row.getString("model"),
        row.getInt("version"),
        row.getBoolean("unloaded"),
        row.getBoolean("pinned"),
        row.getInt("loads"),
        row.getString("quarantine"));
  }

  @Override
  public VersionServing change(String model, int version, UnaryOperator<VersionServing> change) {
    return transactions.call(
        model,
        () -> {
          models.lock(model);
          VersionServing now =
              find(model, version)
                  .orElseThrow(() -> ModelVersion.notFound(model, String.valueOf(version)));
          VersionServing changed = change.apply(now);
          write(changed);
          return changed;
        });
  }

  private Optional<VersionServing> find(String model, int version) {
    return jdbc.sql(VERSIONS + "where m.name = :model and v.version = :version")
        .param("model", model)
        .param("version", version)
        .query(JdbcServingStore::version)
        .optional();
  }

  private void write(VersionServing serving) {
    int updated =
        jdbc.sql(
                """
                update version_serving set unloaded = :unloaded, pinned = :pinned, loads = :loads,
                  quarantine = :quarantine
                where version_id = :id\
                """)
            .paramSource(serving)
            .update();
    if (updated == 0) {
      jdbc.sql(
              """
              insert into version_serving (version_id, unloaded, pinned, loads, quarantine)
              values (:id, :unloaded, :pinned, :loads, :quarantine)\
              """)
          .paramSource(serving)
          .update();
    }
  }

  @Override
  public void changeAll(String model, boolean unloaded) {
    transactions.run(
        model,
        () -> {
          long id = models.lock(model);
          if (unloaded) {
            refusePinned(id);
            jdbc.sql(
                    """
                    insert into version_serving (version_id, unloaded, pinned, loads)
                    select id, true, false, 0 from model_versions
                    where model_id = :model
                      and id not in (select version_id from version_serving)\
                    """)
                .param("model", id)
                .update();
          }
          jdbc.sql(
                  """
                  update version_serving set unloaded = :unloaded,
                    quarantine = case when :unloaded then quarantine else null end
                  where version_id in (select id from model_versions where model_id = :model)\
                  """)
              .param("unloaded", unloaded)
              .param("model", id)
              .update();
        });
  }

  private void refusePinned(long model) {
    List<Integer> pinned =
        jdbc.sql(
                """
                select v.version from model_versions v
                join version_serving s on s.version_id = v.id
                where v.model_id = :model and s.pinned = true order by v.version\
                """)
            .param("model", model)
            .query(Integer.class)
            .list();
    if (!pinned.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE, "Version " + pinned.getFirst() + " is pinned; unpin it first");
    }
  }

  @Override
  public Map<String, ServingLimits> limits() {
    Map<String, ServingLimits> all = new HashMap<>();
    jdbc.sql(LIMITS)
        .query(
            row -> {
              all.put(row.getString("name"), limits(row));
            });
    return all;
  }

  @Override
  public ServingLimits limits(String model) {
    models.require(model);
    return found(model).orElse(ServingLimits.NONE);
  }

  private Optional<ServingLimits> found(String model) {
    return jdbc.sql(LIMITS + "where m.name = :model")
        .param("model", model)
        .query((row, _) -> limits(row))
        .optional();
  }

  private static ServingLimits limits(ResultSet row) throws SQLException {
    Long millis = row.getObject("timeout_millis", Long.class);
    return new ServingLimits(
        row.getObject("max_batch_rows", Integer.class),
        row.getObject("max_concurrency", Integer.class),
        millis == null ? null : Duration.ofMillis(millis),
        row.getInt("revision"));
  }

  @Override
  public ServingLimits put(
      String model, ServingLimits limits, Precondition<ServingLimits> precondition) {
    return transactions.call(
        model,
        () -> {
          long id = models.lock(model);
          Optional<ServingLimits> stored = found(model);
          ServingLimits now = stored.orElse(ServingLimits.NONE);
          precondition.check(Optional.of(now));
          write(id, limits, now.revision() + 1, stored.isPresent());
          return found(model).orElseThrow();
        });
  }

  private void write(long model, ServingLimits limits, int revision, boolean exists) {
    @Nullable Duration timeout = limits.timeout();
    jdbc.sql(
            exists
                ? """
                update model_serving set max_batch_rows = :rows, max_concurrency = :concurrency,
                  timeout_millis = :timeout, revision = :revision
                where model_id = :model\
                """
                : """
                insert into model_serving
                  (model_id, max_batch_rows, max_concurrency, timeout_millis, revision)
                values (:model, :rows, :concurrency, :timeout, :revision)\
                """)
        .param("model", model)
        .param("rows", limits.maxBatchRows())
        .param("concurrency", limits.maxConcurrency())
        .param("timeout", timeout == null ? null : timeout.toMillis())
        .param("revision", revision)
        .update();
  }
}
