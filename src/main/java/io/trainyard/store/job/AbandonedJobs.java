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

/** Jobs whose worker is gone, and their way back into the queue. */
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
   * Takes back all running jobs when the database is a file of this process: its lock proves that
   * no other worker lives, so there is no need to wait for missed heartbeats.
   */
  void takeBackIfAlone() {
    if (!DatabaseKind.isEmbedded(dataSource)) {
      return;
    }
    List<String> ids =
        jdbc.sql("SELECT id FROM jobs WHERE state = 'running'").query(String.class).list();
    for (String id : ids) {
      store.find(id).ifPresent(this::takeBack);
    }
    jdbc.sql(
            "UPDATE scheduled_tasks SET picked = FALSE, picked_by = NULL, last_heartbeat = NULL,"
                + " version = version + 1 WHERE picked = TRUE")
        .update();
  }

  /**
   * Takes back one job whose worker stopped beating.
   *
   * @param requeue frees its place in the queue; fails when another process was faster
   */
  void takeBack(String id, Runnable requeue) {
    // Seen before the place is free: whoever takes it then has a newer attempt, which this one
    // does not touch.
    Job seen = store.find(id).orElse(null);
    requeue.run();
    if (seen != null && seen.state() instanceof JobState.Running) {
      takeBack(seen);
    }
  }

  private void takeBack(Job running) {
    if (store.reclaim(running)) {
      log.warn("Job {} taken back: its worker is gone", running.id());
    }
  }
}
