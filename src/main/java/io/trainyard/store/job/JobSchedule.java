package io.trainyard.store.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
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
 * The places of jobs in the queue. A place is a moment; the earliest is served first. Priority
 * moves it: one step is worth a minute of waiting, so an urgent job passes those that came shortly
 * before it, and nothing waits for ever.
 */
@Component
@DependsOnDatabaseInitialization
final class JobSchedule {
  private static final Duration WORTH_OF_PRIORITY = Duration.ofMinutes(1);

  /** Keeps the place of the least urgent job in the past, where a worker takes it at once. */
  private static final Duration HEAD_START = WORTH_OF_PRIORITY.multipliedBy(200);

  private final SchedulerClient client;
  private final Map<String, Scheduler> local = new ConcurrentHashMap<>();

  JobSchedule(DataSource dataSource) {
    this.client =
        SchedulerClient.Builder.create(new TransactionAwareDataSourceProxy(dataSource)).build();
  }

  /** The name db-scheduler knows a pool's jobs by. */
  static TaskDescriptor<Void> task(String pool) {
    return TaskDescriptor.of("job-" + pool);
  }

  /** Where a job stands in the queue. */
  static Instant place(Instant submitted, int priority) {
    return submitted.minus(HEAD_START).minus(WORTH_OF_PRIORITY.multipliedBy(priority));
  }

  /** Queues a job in the caller's transaction, and wakes a worker once that is committed. */
  void add(String jobId, String pool, Instant place) {
    TaskInstance<Void> instance = task(pool).instance(jobId).build();
    if (!client.scheduleIfNotExists(instance, place)) {
      throw new IllegalStateException("job " + jobId + " is in the queue already");
    }
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            wake(pool);
          }
        });
  }

  /** Names the scheduler that serves a pool in this process. */
  void serve(String pool, Scheduler scheduler) {
    local.put(pool, scheduler);
  }

  private void wake(String pool) {
    Scheduler scheduler = local.get(pool);
    if (scheduler != null) {
      scheduler.triggerCheckForDueExecutions();
    }
  }
}
