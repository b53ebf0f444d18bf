package io.trainyard.os;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that a thread repeats. An executor drops a task after its first exception or error; this
 * one goes on. Its first failure in a row is logged, and so is its recovery.
 */
public final class PeriodicTask implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);
  private static final LongAdder FAILURES = new LongAdder();

  private final String name;
  private final Runnable task;
  private boolean failing;

  private PeriodicTask(String name, Runnable task) {
    this.name = name;
    this.task = task;
  }

  /** A thread for tasks that are repeated, which does not keep the process alive. */
  public static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name(name).factory());
  }

  /**
   * Repeats a task until its executor is shut down. The process ends where that is not possible any
   * more.
   *
   * @param name for the log
   * @param first the time before the first run
   * @param pause the time between the end of a run and the next
   */
  public static void start(
      ScheduledExecutorService executor,
      String name,
      Duration first,
      Duration pause,
      Runnable task) {
    ScheduledFuture<?> runs =
        executor.scheduleWithFixedDelay(
            new PeriodicTask(name, task),
            first.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
    var _ =
        Watchdog.condition("The task '" + name + "' has ended", runs::isDone, executor::isShutdown);
  }

  /** The runs of all tasks of this process that failed. */
  public static long failures() {
    return FAILURES.sum();
  }

  @Override
  public void run() {
    try {
      task.run();
    } catch (Throwable e) { // an error must not end it either, such as too little memory
      failed(e);
      return;
    }
    if (failing) {
      failing = false;
      log.info("The task '{}' works again", name);
    }
  }

  private void failed(Throwable failure) {
    FAILURES.increment();
    try {
      if (!failing) {
        log.error("The task '{}' failed; it is retried", name, failure);
      }
      failing = true;
    } catch (Throwable e) {
      // Too little memory even for a line; the next failure is logged.
    }
  }
}
