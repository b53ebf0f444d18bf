package io.trainyard.store.retention;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.dataset.JdbcDatasetStore;
import io.trainyard.store.model.JdbcVersionStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Deletes versions that are older than their retention. Several processes may do so at once: a
 * version that another one has deleted is no failure.
 */
@Component
record Retention(
    JdbcClient jdbc,
    JdbcDatasetStore datasets,
    JdbcVersionStore versions,
    RetentionProperties properties,
    Clock clock) {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);

  /** The most versions that one run deletes. */
  private static final int BATCH = 1_000;

  private record Version(String name, int number) {}

  /** Deletes one version. */
  private interface Deletion {
    void delete(String name, int number);
  }

  @Scheduled(initialDelayString = "PT3M", fixedDelayString = "PT10M")
  void deleteExpired() {
    delete(
        "model version",
        properties.versions(),
        """
        select m.name as name, v.version as version from model_versions v
        join models m on m.id = v.model_id
        where v.created_at < :limit
          and (select count(*) from model_versions later
               where later.model_id = v.model_id and later.version > v.version) >= :newest
          and not exists (select 1 from aliases a
                          where a.model_id = v.model_id and a.version = v.version)
          and not exists (select 1 from version_needs n where n.needed_id = v.id)
          and not exists (select 1 from version_holds h where h.version_id = v.id)
          and not exists (select 1 from version_serving s
                          where s.version_id = v.id and s.pinned = true)
        order by v.id\
        """,
        versions::delete);
    delete(
        "dataset version",
        properties.datasets(),
        """
        select v.name as name, v.version as version from dataset_versions v
        where v.created_at < :limit
          and (select count(*) from dataset_versions later
               where later.name = v.name and later.version > v.version) >= :newest
          and not exists (select 1 from dataset_holds h
                          where h.name = v.name and h.version = v.version)
        order by v.id\
        """,
        datasets::delete);
  }

  private void delete(String kind, @Nullable Duration retention, String sql, Deletion deletion) {
    if (retention == null) {
      return;
    }
    for (Version version : expired(sql, retention)) {
      try {
        deletion.delete(version.name(), version.number());
        log.info(
            "The {} {}@{} is older than its retention and was deleted",
            kind,
            version.name(),
            version.number());
      } catch (ServiceException e) {
        // Used since, or deleted by another process.
        if (e.code().family() != ErrorCode.Family.CONFLICT
            && e.code().family() != ErrorCode.Family.NOT_FOUND) {
          throw e;
        }
      }
    }
  }

  private List<Version> expired(String sql, Duration retention) {
    return jdbc.sql(sql + " fetch first " + BATCH + " rows only")
        .param("limit", Timestamps.time(clock.instant().minus(retention)))
        .param("newest", properties.newest())
        .query((row, _) -> new Version(row.getString("name"), row.getInt("version")))
        .list();
  }
}
