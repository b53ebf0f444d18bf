package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.store.database.DatabaseKind;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Requeues jobs whose worker died. */
@Component
@DependsOnDatabaseInitialization
final class AbandonedJobs {
  private static final Logger log = LoggerFactory.getLogger(AbandonedJobs.class);

  private final DataSource dataSource;
  private final JdbcClient jdbc;
  private final JdbcJobStore store;

  AbandonedJobs(DataSource dataSource, JdbcClient jdbc, JdbcJobStore store) {
    this.dataSource = dataSource;
    this.jdbc = jdbc;
    this.store = store;
  }

  /**
   * Reclaims all running jobs at start, if the database is embedded. The lock on its file proves
   * that no other worker runs, so there is no need to wait for missed heartbeats.
   */
  void reclaimAll() {
    if (!DatabaseKind.isEmbedded(dataSource)) {
      return;
    }
    List<String> ids =
        jdbc.sql("select id from jobs where state = :running")
            .param("running", JobState.Name.RUNNING.word())
            .query(String.class)
            .list();
    for (String id : ids) {
      store.find(id).ifPresent(this::reclaim);
    }
    jdbc.sql(
            "update scheduled_tasks set picked = false, picked_by = null, last_heartbeat = null,"
                + " version = version + 1 where picked = true")
        .update();
  }

  /**
   * Reclaims one job whose worker missed its heartbeats.
   *
   * @param requeue frees the job in the queue; throws when another process was faster
   */
  void reclaim(String id, Runnable requeue) {
    // Read before the job is free: a worker that picks it then starts a newer attempt, which the
    // compare-and-set protects.
    Job seen = store.find(id).orElse(null);
    requeue.run();
    if (seen != null && seen.state() instanceof JobState.Running) {
      reclaim(seen);
    }
  }

  private void reclaim(Job running) {
    if (store.reclaim(running)) {
      log.warn("Job {} reclaimed: its worker died", running.id());
    }
  }
}
