package io.trainyard.store.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.trainyard.access.Identity;
import io.trainyard.job.JobProperties;
import io.trainyard.job.Worker;
import io.trainyard.job.WorkerBeats;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.database.DatabaseMonitor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Runs queued jobs with the worker. One db-scheduler per pool picks jobs, sends heartbeats and
 * detects dead workers.
 */
@Component
@DependsOnDatabaseInitialization
final class JobSchedulers implements SmartLifecycle {
  private static final int NEVER = 1_000_000;
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Before a job that got no turn is picked again, by this worker or another one. */
  private static final Duration TURN_PAUSE = Duration.ofSeconds(2);

  /** Jobs of unknown pools stay in the queue: another process may know the pool. */
  private static final Duration KEEP_UNKNOWN = Duration.ofDays(36_500);

  /** Waits in an outage, so that no poll fails and is logged. */
  private final DataSource dataSource;

  private final JobSchedule schedule;
  private final JobQueue queue;
  private final AbandonedJobs abandoned;
  private final Worker worker;
  private final WorkerBeats beats;
  private final JobProperties properties;
  private final boolean trainsHere;
  private final Clock clock;
  private final List<Scheduler> schedulers = new ArrayList<>();

  JobSchedulers(
      DatabaseMonitor database,
      JobSchedule schedule,
      JobQueue queue,
      AbandonedJobs abandoned,
      Worker worker,
      WorkerBeats beats,
      JobProperties properties,
      Roles roles,
      ProcessProperties processes,
      Clock clock) {
    this.dataSource = database.patient();
    this.schedule = schedule;
    this.queue = queue;
    this.abandoned = abandoned;
    this.worker = worker;
    this.beats = beats;
    this.properties = properties;
    this.trainsHere = processes.trainsHere(roles);
    this.clock = clock;
  }

  @Override
  public synchronized void start() {
    if (!trainsHere || !schedulers.isEmpty()) {
      return;
    }
    worker.resume();
    abandoned.reclaimAll();
    beats.start(); // after all rows of dead workers are gone
    properties.pools().forEach(this::serve);
  }

  private void serve(String pool, WorkerPool settings) {
    if (settings.slots() == 0) {
      return;
    }
    Scheduler scheduler =
        Scheduler.create(dataSource, List.of(task(pool)))
            .schedulerName(() -> worker.name())
            .threads(settings.slots())
            .pollUsingFetchAndLockOnExecute(0.5, 1.0)
            .pollingInterval(properties.poll())
            .heartbeatInterval(properties.heartbeat())
            .missedHeartbeatsLimit(missedHeartbeats())
            .clock(new SchedulerClock(clock, System::nanoTime))
            .deleteUnresolvedAfter(KEEP_UNKNOWN)
            .shutdownMaxWait(properties.shutdownWait())
            .build();
    schedulers.add(scheduler);
    schedule.serve(pool, scheduler);
    scheduler.start();
  }

  /**
   * Nobody else uses the database of one installation, which notices itself when a worker dies: a
   * missed heartbeat is a clock that jumped.
   */
  private int missedHeartbeats() {
    return DatabaseKind.isOfOneInstallation(dataSource) ? NEVER : properties.missedHeartbeats();
  }

  private CustomTask<Void> task(String pool) {
    return Tasks.custom(JobSchedule.task(pool))
        .onFailure(
            (execution, operations) ->
                operations.reschedule(execution, clock.instant().plus(RETRY)))
        .onDeadExecution(this::reclaim)
        .execute(
            (instance, context) ->
                switch (Identity.service().call(() -> worker.run(instance.getId(), pool))) {
                  case DONE -> new CompletionHandler.OnCompleteRemove<>();
                  case REQUEUED -> (execution, operations) -> requeue(execution, operations);
                  case RETRY_LATER -> later(properties.retryPause());
                  case NO_TURN -> later(TURN_PAUSE);
                });
  }

  /** Requeues a job whose worker died. */
  private void reclaim(ExecutionComplete execution, ExecutionOperations<Void> operations) {
    abandoned.reclaim(execution.getExecution().getId(), () -> requeue(execution, operations));
  }

  /** Keeps the due time of a job; a sweep that yields has a later one. */
  private void requeue(ExecutionComplete execution, ExecutionOperations<Void> operations) {
    operations.reschedule(execution, due(execution.getExecution()));
  }

  private Instant due(Execution execution) {
    try {
      return queue.storedDue(execution.getId()).orElse(execution.getExecutionTime());
    } catch (DataAccessException e) {
      return execution.getExecutionTime(); // an outage must not leave the job with no worker
    }
  }

  /** Runs the job again after a pause. */
  private CompletionHandler<Void> later(Duration pause) {
    return (execution, operations) -> operations.reschedule(execution, clock.instant().plus(pause));
  }

  @Override
  public synchronized void stop() {
    worker.suspend();
    // All at the same time: each waits for its jobs to suspend.
    List<Thread> stopping =
        schedulers.stream()
            .map(scheduler -> Thread.ofPlatform().name("job-stop").start(scheduler::stop))
            .toList();
    // A scheduler waits the shutdown wait twice when a job's thread does not end.
    long deadline = System.nanoTime() + properties.shutdownWait().toNanos();
    for (Thread thread : stopping) {
      try {
        boolean _ = thread.join(Duration.ofNanos(deadline - System.nanoTime()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    worker.requeueRest();
    schedulers.clear();
    beats.stop();
  }

  @Override
  public synchronized boolean isRunning() {
    return !schedulers.isEmpty();
  }
}
