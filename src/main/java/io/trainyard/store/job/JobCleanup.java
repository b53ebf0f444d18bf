package io.trainyard.store.job;

import io.trainyard.job.JobProperties;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.store.model.FileWeightStore;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Removes what has had its time: finished jobs with all they measured, and their leavings. */
@Component
class JobCleanup {
  private static final Logger log = LoggerFactory.getLogger(JobCleanup.class);
  private static final int AT_ONCE = 100;

  private final JdbcClient jdbc;
  private final JdbcCheckpointStore checkpoints;
  private final JdbcJobStore jobs;
  private final FileWeightStore weights;
  private final JdbcIdempotencyKeys keys;
  private final JobProperties properties;
  private final Clock clock;

  JobCleanup(
      JdbcClient jdbc,
      JdbcJobStore jobs,
      FileWeightStore weights,
      JdbcCheckpointStore checkpoints,
      JdbcIdempotencyKeys keys,
      JobProperties properties,
      Clock clock) {
    this.jdbc = jdbc;
    this.jobs = jobs;
    this.weights = weights;
    this.keys = keys;
    this.checkpoints = checkpoints;
    this.properties = properties;
    this.clock = clock;
  }

  @Scheduled(initialDelayString = "PT2M", fixedDelayString = "PT10M")
  void sweep() {
    try {
      jobs.mendQueue();
      checkpoints.sweep();
      weights.sweep();
      keys.sweep();
      Instant oldest = clock.instant().minus(properties.retention());
      int removed;
      do {
        removed = removeJobs(oldest);
      } while (removed == AT_ONCE);
    } catch (DataAccessException e) {
      log.warn("Old jobs are swept later: {}", e.toString());
    }
  }

  private int removeJobs(Instant oldest) {
    List<String> ids =
        jdbc.sql(
                "SELECT id FROM jobs WHERE finished_at < ? ORDER BY finished_at"
                    + " FETCH FIRST 100 ROWS ONLY")
            .param(Timestamps.time(oldest))
            .query(String.class)
            .list();
    for (String id : ids) {
      jdbc.sql("DELETE FROM jobs WHERE id = ?").param(id).update();
    }
    return ids.size();
  }
}
