package io.trainyard.job.sweep;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.Outages;
import io.trainyard.job.Worker;
import io.trainyard.train.TrainingCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The threads that run the trainings of a sweep side by side, each with the worker. */
final class SweepThreads implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final ExecutorService threads;
  private final Worker worker;
  private final JobStore jobs;
  private final Outages outages;
  private final String pool;
  private final Duration retryPause;
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private volatile boolean leaving;

  SweepThreads(
      int count, Worker worker, JobStore jobs, Outages outages, String pool, Duration retryPause) {
    this.threads =
        Executors.newFixedThreadPool(
            count, Identity.service().threads(Thread.ofPlatform().name("sweep-", 1)));
    this.worker = worker;
    this.jobs = jobs;
    this.outages = outages;
    this.pool = pool;
    this.retryPause = retryPause;
  }

  /**
   * Runs trainings until each has ended or has trained for some epochs.
   *
   * @param command asked a few times a second: what those that run should do; suspend or cancel
   *     ends all, and none starts any more
   * @param ended told of each training that has ended, on its thread
   * @return false when it ended early
   */
  boolean run(
      List<String> trainings, int epochs, Supplier<TrainingCommand> command, Consumer<Job> ended) {
    leaving = false;
    List<Future<?>> futures = new ArrayList<>();
    for (String training : trainings) {
      futures.add(threads.submit(() -> run(training, epochs, ended)));
    }
    long look = System.nanoTime() + LOOK.toNanos();
    for (Future<?> future : futures) {
      while (!isDone(future, look - System.nanoTime())) {
        look = System.nanoTime() + LOOK.toNanos();
        follow(command.get());
      }
    }
    return !leaving;
  }

  /** Waits for a training; false when the time is over. */
  private boolean isDone(Future<?> future, long nanos) {
    if (nanos <= 0) {
      return false;
    }
    try {
      future.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      // The scheduler interrupts a job that did not end in time; its trainings suspend anyway.
      follow(TrainingCommand.SUSPEND);
      return false;
    } catch (ExecutionException e) {
      follow(TrainingCommand.SUSPEND);
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  private void follow(TrainingCommand command) {
    if (command == TrainingCommand.CONTINUE) {
      return;
    }
    leaving = leaving || command != TrainingCommand.STOP;
    running.forEach(training -> worker.request(training, command));
  }

  private void run(String training, int epochs, Consumer<Job> ended) {
    running.add(training);
    try {
      while (!leaving) {
        Worker.Ending ending = worker.run(training, pool, epochs);
        Optional<Job> now = outages.retryWhileDown(() -> jobs.find(training));
        if (now.isEmpty() || now.get().state().done()) {
          now.ifPresent(ended);
          return;
        }
        if (now.get().state() instanceof JobState.Queued && reached(now.get()) >= epochs) {
          return;
        }
        pause(ending == Worker.Ending.RETRY_LATER ? retryPause : PAUSE);
      }
    } finally {
      running.remove(training);
    }
  }

  private static int reached(Job training) {
    return training.progress().last() == null ? 0 : training.progress().last().epoch();
  }

  private void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (!leaving && System.nanoTime() - end < 0) {
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Waits for the trainings, which a caller that fails has left. */
  @Override
  public void close() {
    follow(TrainingCommand.SUSPEND);
    threads.close();
  }
}
