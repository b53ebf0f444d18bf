package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.ProgressReport;
import io.trainyard.label.Placed;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.database.Outage;
import io.trainyard.train.EpochRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Jobs in the database that all processes share: each call is one transaction. */
@Component
public final class JdbcJobStore implements JobStore {
  private static final int ATTEMPTS = 5;

  private final TransactionTemplate transaction;
  private final JobAdmission admission;
  private final JobQueries queries;
  private final JobQueue queue;
  private final JobAttempts attempts;
  private final JobEndings endings;
  private final JobMemory memory;

  JdbcJobStore(
      TransactionTemplate transaction,
      JobAdmission admission,
      JobQueries queries,
      JobQueue queue,
      JobAttempts attempts,
      JobEndings endings,
      JobMemory memory) {
    this.transaction = transaction;
    this.admission = admission;
    this.queries = queries;
    this.queue = queue;
    this.attempts = attempts;
    this.endings = endings;
    this.memory = memory;
  }

  @Override
  public void submit(Job job, @Nullable JsonNode model) {
    admission.submit(job, List.of(), model);
  }

  // Queries

  @Override
  public Optional<Job> find(String id) {
    return queries.find(id);
  }

  @Override
  public @Nullable String traceparent(String id) {
    return queries.traceparent(id);
  }

  @Override
  public List<Placed<Job>> page(JobFilter filter, int limit) {
    return queries.page(filter, limit);
  }

  @Override
  public Set<String> holdingSlots(Collection<Job> jobs) {
    return queue.picked(jobs);
  }

  @Override
  public Map<String, Retry> retries(Collection<Job> queued) {
    return attempts.retries(queued);
  }

  @Override
  public Map<String, Integer> queuePositions(Collection<Job> queued) {
    return queue.positions(queued);
  }

  @Override
  public List<EpochRecord> epochs(String id, int after, int limit) {
    return queries.epochs(id, after, limit);
  }

  @Override
  public Optional<String> evaluation(String id) {
    return queries.evaluation(id);
  }

  @Override
  public Map<String, Signal> signals(Collection<String> ids) {
    return queries.signals(ids);
  }

  @Override
  public Map<JobState.Name, Long> countByState() {
    return queries.countByState();
  }

  @Override
  public Map<String, Long> queueDepths() {
    return queue.depths();
  }

  // Changes

  @Override
  public Optional<Job> start(String id, JobState.Running by) {
    return transaction.execute(_ -> attempts.start(id, by));
  }

  /** Requeues a job whose worker is lost; a job with too many crashes fails. */
  boolean reclaim(Job running) {
    return reclaim(running, JobAttempts.Blame.UNKNOWN);
  }

  /** Requeues or fails a job by its part in the death of its worker. */
  boolean reclaim(Job running, JobAttempts.Blame blame) {
    return change(() -> attempts.reclaim(running, blame));
  }

  @Override
  public boolean runsAlone(String id) {
    return attempts.runsAlone(id);
  }

  @Override
  public boolean record(Job running, ProgressReport report) {
    return change(() -> attempts.record(running, report));
  }

  @Override
  public boolean recordThreads(Job running, int threads) {
    return attempts.recordThreads(running, threads);
  }

  @Override
  public boolean recordMemory(Job running, MemoryUse use) {
    return memory.record(running, use);
  }

  @Override
  public boolean succeed(Job running, Publication publication, ProgressReport report) {
    return change(() -> endings.succeed(running, publication, report));
  }

  @Override
  public boolean succeed(Job running, Predicted predicted, ProgressReport report) {
    for (int attempt = 1; ; attempt++) {
      try {
        return change(() -> endings.succeed(running, predicted, report));
      } catch (DuplicateKeyException e) {
        // Another caller created the dataset, or a version of the same bytes, at the same time.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public boolean finish(Job seen, JobState end, ProgressReport report) {
    return change(() -> endings.finish(seen, end, report));
  }

  @Override
  public boolean requeue(Job running, ProgressReport report) {
    return change(() -> attempts.requeue(running, report));
  }

  @Override
  public boolean retryLater(Job running, JobState.Failure cause, ProgressReport report) {
    return change(() -> attempts.retryLater(running, cause, report));
  }

  @Override
  public boolean awaitDevice(Job running, JobState.Failure shortage, ProgressReport report) {
    return change(() -> attempts.awaitDevice(running, shortage, report));
  }

  @Override
  public boolean requestStop(Job seen) {
    return endings.requestStop(seen);
  }

  @Override
  public boolean delete(String id) {
    return change(() -> endings.delete(id));
  }

  /** Deletes expired jobs with their epochs and events. */
  void deleteEndedBefore(Instant oldest) {
    endings.deleteEndedBefore(oldest);
  }

  /** Adds every unfinished job that is not in its queue, and makes it due when it came. */
  void repairQueue(Instant now) {
    transaction.executeWithoutResult(_ -> queue.repair(now));
  }

  /** Runs a change in a transaction, which is rolled back when the change is refused. */
  private boolean change(BooleanSupplier change) {
    return transaction.execute(
        status -> {
          boolean changed = change.getAsBoolean();
          if (!changed) {
            status.setRollbackOnly();
          }
          return changed;
        });
  }

  // Outages

  @Override
  public <T> T retryWhileDown(Supplier<T> change) {
    return Outage.retryWhileDown(change);
  }

  @Override
  public boolean isOutage(RuntimeException failure) {
    return Outage.is(failure);
  }
}
