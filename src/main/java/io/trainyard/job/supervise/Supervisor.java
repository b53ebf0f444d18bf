package io.trainyard.job.supervise;

import io.trainyard.job.JobProperties;
import io.trainyard.job.process.DeadWorkers;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Workers;
import io.trainyard.os.PeriodicTask;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Starts the workers of this process and ends them with it. A process without the role of a worker
 * needs one only for proofs of versions, and starts it when the first is wanted.
 */
@Component
public final class Supervisor implements SmartLifecycle, DisposableBean {
  /** What a worker gets for its end after its jobs are suspended. */
  private static final Duration AFTER_JOBS = Duration.ofSeconds(1);

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final ProcessProperties properties;
  private final boolean supervises;
  private final JobProperties jobs;
  private final DeadWorkers deadWorkers;
  private final WorkerLives lives;
  private final Roles roles;
  private final List<SupervisedWorker> workers = new CopyOnWriteArrayList<>();
  private @Nullable ScheduledExecutorService checks;
  private volatile boolean running;

  Supervisor(
      ProcessProperties properties,
      Roles roles,
      JobProperties jobs,
      DeadWorkers deadWorkers,
      WorkerLives lives,
      Workers started) {
    this.properties = properties;
    this.roles = roles;
    this.supervises = properties.supervises(roles);
    this.jobs = jobs;
    this.deadWorkers = deadWorkers;
    this.lives = lives;
    started.onNeed(this::startOnNeed);
  }

  /** The rest of this process has started: a worker beside that would delay callers. */
  @Override
  public synchronized void start() {
    if (!supervises || running) {
      return;
    }
    lives.check();
    running = true;
    if (roles.worker()) {
      deadWorkers.reclaimAll();
      start(properties.workers());
    }
  }

  private synchronized void startOnNeed() {
    if (running && workers.isEmpty()) {
      start(1);
    }
  }

  private void start(int count) {
    for (int number = 0; number < count; number++) {
      workers.add(new SupervisedWorker(number, lives, properties.workerRestartPause()));
    }
    workers.forEach(SupervisedWorker::start);
    Duration silence = jobs.heartbeat().multipliedBy(jobs.missedHeartbeats());
    ScheduledExecutorService started = PeriodicTask.thread("worker-check");
    checks = started;
    PeriodicTask.start(
        started,
        "check of workers",
        CHECK,
        CHECK,
        () -> workers.forEach(worker -> worker.killIfSilent(silence)));
  }

  /** Whether all workers of this process take jobs; true when it needs none. */
  public boolean isComplete() {
    return workers.stream().allMatch(SupervisedWorker::isReady);
  }

  @Override
  public void stop() {
    throw new IllegalStateException("stop(Runnable) is called instead");
  }

  /** Returns at once, so that streams end while jobs suspend. */
  @Override
  public void stop(Runnable whenDone) {
    Thread.ofPlatform()
        .name("worker-stop")
        .start(
            () -> {
              end();
              whenDone.run();
            });
  }

  /** After a start that failed; else the workers have ended. */
  @Override
  public void destroy() {
    end();
  }

  private synchronized void end() {
    running = false;
    if (checks != null) {
      checks.shutdownNow();
      checks = null;
    }
    workers.forEach(SupervisedWorker::stop);
    long deadline = System.nanoTime() + jobs.shutdownWait().plus(AFTER_JOBS).toNanos();
    workers.forEach(worker -> worker.awaitEnd(Duration.ofNanos(deadline - System.nanoTime())));
    workers.clear();
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
