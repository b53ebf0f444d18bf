package io.trainyard.store.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import io.trainyard.job.Job;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.Workers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The db-scheduler's queues of jobs. A job has a due time; workers run the earliest first. One step
 * of priority is worth one minute of waiting, and so is one more unfinished job of the same caller:
 * an urgent job passes those that were submitted shortly before it, and no job waits forever.
 */
@Component
@DependsOnDatabaseInitialization
final class JobSchedule {
  private static final Duration PRIORITY_STEP = Duration.ofMinutes(1);

  /** Keeps the due time of every job in the past, so that a free worker runs it. */
  static final Duration HEAD_START = PRIORITY_STEP.multipliedBy(200);

  private final SchedulerClient client;
  private final Map<String, Scheduler> local = new ConcurrentHashMap<>();
  private final Workers workers;

  JobSchedule(DataSource dataSource, Workers workers, Supervision supervision) {
    this.workers = workers;
    supervision.onWake(this::wake);
    this.client =
        SchedulerClient.Builder.create(new TransactionAwareDataSourceProxy(dataSource)).build();
  }

  /** The name of a pool's jobs in db-scheduler. */
  static TaskDescriptor<Void> task(String pool) {
    return TaskDescriptor.of("job-" + pool);
  }

  /**
   * When a job is due.
   *
   * @param number among the unfinished jobs of its caller: a step of waiting for each, so that one
   *     caller's many jobs stand behind another's few; 0 where nobody knows the caller
   */
  static Instant dueAt(Job job, int number) {
    int steps = job.task().placement().priority() - number;
    Duration urgency = HEAD_START.plus(PRIORITY_STEP.multipliedBy(steps));
    return urgency.isNegative() ? job.createdAt() : job.createdAt().minus(urgency);
  }

  /** Adds a job in the caller's transaction, and wakes a worker after the commit. */
  void add(String jobId, String pool, Instant dueAt) {
    TaskInstance<Void> instance = task(pool).instance(jobId).build();
    if (!client.scheduleIfNotExists(instance, dueAt)) {
      throw new IllegalStateException("job " + jobId + " is already in the queue");
    }
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            wake(pool);
          }
        });
  }

  /** Sets the scheduler that serves a pool in this process. */
  void serve(String pool, Scheduler scheduler) {
    local.put(pool, scheduler);
  }

  void wake(String pool) {
    workers.wake(pool);
    Scheduler scheduler = local.get(pool);
    if (scheduler != null) {
      scheduler.triggerCheckForDueExecutions();
    }
  }
}
