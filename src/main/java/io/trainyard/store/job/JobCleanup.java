package io.trainyard.store.job;

import io.trainyard.job.JobProperties;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.store.model.FileWeightStore;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Deletes expired jobs and keys, and files that nothing refers to; repairs the queue. */
@Component
record JobCleanup(
    TransactionTemplate transaction,
    JobQueue queue,
    JobEndings endings,
    FileWeightStore weights,
    JdbcCheckpointStore checkpoints,
    JdbcIdempotencyKeys keys,
    JobProperties properties,
    Clock clock) {
  private static final Logger log = LoggerFactory.getLogger(JobCleanup.class);

  @Scheduled(initialDelayString = "PT2M", fixedDelayString = "PT10M")
  void deleteExpired() {
    try {
      transaction.executeWithoutResult(_ -> queue.repair(clock.instant()));
      checkpoints.deleteOrphans();
      weights.deleteOrphans();
      keys.deleteExpired();
      endings.deleteEndedBefore(clock.instant().minus(properties.retention()));
    } catch (DataAccessException e) {
      log.warn("The cleanup of jobs is retried later: {}", e.toString());
    }
  }
}
