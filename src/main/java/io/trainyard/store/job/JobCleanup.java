package io.trainyard.store.job;

import io.trainyard.job.JobProperties;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.store.model.FileWeightStore;
import java.time.Clock;
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
  @Scheduled(initialDelayString = "PT2M", fixedDelayString = "PT10M")
  void deleteExpired() {
    transaction.executeWithoutResult(_ -> queue.repair(clock.instant()));
    checkpoints.deleteOrphans();
    weights.deleteOrphans();
    keys.deleteExpired();
    endings.deleteEndedBefore(clock.instant().minus(properties.retention()));
  }
}
