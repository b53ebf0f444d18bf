package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobMeasurements;
import io.trainyard.job.JobState;
import io.trainyard.job.process.DeadWorkers;
import io.trainyard.job.process.WorkerDeath;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.job.JobAttempts.Blame;
import io.trainyard.store.job.JobAttempts.Blame.Kind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Requeues jobs whose worker died. */
@Component
@DependsOnDatabaseInitialization
record AbandonedJobs(
    DataSource dataSource,
    JdbcClient jdbc,
    JdbcJobStore jobs,
    JobAttempts attempts,
    JobMeasurements metrics,
    JdbcWorkerRegister register,
    RetriedChanges changes)
    implements DeadWorkers {
  private static final Logger log = LoggerFactory.getLogger(AbandonedJobs.class);

  private static final String FREED =
      " set picked = false, picked_by = null, last_heartbeat = null, version = version + 1";

  @Override
  public void reclaimAll() {
    if (!DatabaseKind.isEmbedded(dataSource)) {
      return;
    }
    register.clear();
    jdbc.sql("select id from jobs where state = :running")
        .param("running", JobState.Name.RUNNING.word())
        .query(String.class)
        .list()
        .forEach(id -> changes.make("The reclaim of job " + id, () -> reclaimLost(id)));
    jdbc.sql("update scheduled_tasks" + FREED + " where picked = true").update();
  }

  @Override
  public void reclaim(String worker, WorkerDeath death) {
    changes.make("The reclaim of the jobs of worker " + worker, () -> reclaimEach(worker, death));
    changes.make("The removal of worker " + worker, () -> register.remove(worker));
  }

  private void reclaimEach(String worker, WorkerDeath death) {
    List<String> running = running(worker);
    Set<String> all = new LinkedHashSet<>(running);
    all.addAll(picked(worker));
    for (String id : all) {
      Blame blame = blame(id, running, death);
      changes.make("The reclaim of job " + id, () -> reclaim(id, worker, blame));
    }
  }

  private List<String> running(String worker) {
    return jdbc.sql("select id from jobs where state = :running and worker = :worker")
        .param("running", JobState.Name.RUNNING.word())
        .param("worker", worker)
        .query(String.class)
        .list();
  }

  private List<String> picked(String worker) {
    return jdbc.sql("select task_instance from scheduled_tasks where picked_by = :worker")
        .param("worker", worker)
        .query(String.class)
        .list();
  }

  /** Requeues a job that the worker still runs, and then lets others pick it. */
  private void reclaim(String id, String worker, Blame blame) {
    Job job = jobs.find(id).orElse(null);
    if (job != null && job.state() instanceof JobState.Running by && by.worker().equals(worker)) {
      boolean _ = reclaim(job, blame);
    }
    jdbc.sql(
            "update scheduled_tasks" + FREED + " where picked_by = :worker and task_instance = :id")
        .param("worker", worker)
        .param("id", id)
        .update();
  }

  private static Blame blame(String job, List<String> running, WorkerDeath death) {
    return new Blame(part(job, running, death), death.process().cause());
  }

  /** The part of a job in the death of its worker. */
  private static Kind part(String job, List<String> running, WorkerDeath death) {
    if (!death.process().isCrash()) {
      // Alone, the job is the one that took the memory.
      return death.process().outOfMemory() && running.size() > 1 ? Kind.SUSPECT : Kind.UNKNOWN;
    }
    if (isCause(job, death)) {
      return Kind.CAUSE;
    }
    if (death.isCrashOfProof() || running.stream().anyMatch(other -> isCause(other, death))) {
      return Kind.BYSTANDER;
    }
    if (!death.process().isInUnknownThread()) {
      return Kind.UNKNOWN;
    }
    return running.size() == 1 && !death.mayBeOfProof() ? Kind.CAUSE : Kind.SUSPECT;
  }

  private static boolean isCause(String job, WorkerDeath death) {
    return death.process().happenedIn(job);
  }

  /**
   * Reclaims one job whose worker missed its heartbeats.
   *
   * @param requeue frees the job in the queue; throws when another process was faster
   */
  void reclaim(String id, Runnable requeue) {
    // Read before the job is free: a worker that picks it then starts a newer attempt, which the
    // compare-and-set protects.
    Job seen = jobs.find(id).orElse(null);
    requeue.run();
    if (seen != null && seen.state() instanceof JobState.Running) {
      reclaimLost(seen);
    }
  }

  private void reclaimLost(String id) {
    jobs.find(id)
        .filter(job -> job.state() instanceof JobState.Running)
        .ifPresent(this::reclaimLost);
  }

  private void reclaimLost(Job running) {
    boolean _ = reclaim(running, Blame.UNKNOWN);
  }

  private boolean reclaim(Job running, Blame blame) {
    boolean reclaimed = attempts.reclaim(running, blame);
    if (reclaimed) {
      log.warn("Job {} reclaimed: its worker died{}", running.id(), blame.words());
      jobs.find(running.id()).ifPresent(this::countFailure);
    }
    return reclaimed;
  }

  private void countFailure(Job reclaimed) {
    if (reclaimed.state() instanceof JobState.Failed(JobState.Failure failure)) {
      metrics.failed(failure.code());
    }
  }
}
