package io.trainyard.job.supervise;

import io.trainyard.job.process.WorkerProcess;
import io.trainyard.os.Watchdog;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker, whose process is started again when it dies: at once if it took jobs for a while,
 * else after pauses that grow. One thread starts all its processes, because the kernel ends a
 * process with the thread that started it.
 */
final class SupervisedWorker {
  private static final Logger log = LoggerFactory.getLogger(SupervisedWorker.class);
  private static final Duration LONG_LIFE = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration AFTER_KILL = Duration.ofSeconds(1);

  private final int number;
  private final WorkerLives lives;
  private final Duration longestPause;
  private final Thread thread;
  private volatile @Nullable WorkerProcess process;
  private volatile boolean ready;
  private volatile long readyAt;
  private boolean silent;
  private volatile boolean stopping;
  private Duration pause = Duration.ZERO;

  /**
   * @param longestPause before a process that keeps dying is started again
   */
  SupervisedWorker(int number, WorkerLives lives, Duration longestPause) {
    this.number = number;
    this.lives = lives;
    this.longestPause = longestPause;
    this.thread = Watchdog.loop("worker-" + (number + 1), this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!stopping) {
        readyAt = 0;
        lives.live(this);
        pauseAfter(readyAt == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - readyAt));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pauseAfter(Duration life) throws InterruptedException {
    if (life.compareTo(LONG_LIFE) >= 0) {
      pause = Duration.ZERO;
      return;
    }
    pause = shorter(pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2), longestPause);
    boolean _ = awaitStopping(pause);
  }

  /** Waits until the worker is to stop; false when the time is over first. */
  synchronized boolean awaitStopping(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!stopping && deadline - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
    }
    return stopping;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  int number() {
    return number;
  }

  /** Sets the process that was started, or that it has ended. */
  void is(@Nullable WorkerProcess started) {
    ready = false;
    process = started;
    if (started != null && stopping) {
      started.stop();
    }
  }

  /** Notes that the process takes jobs. */
  void becomesReady() {
    readyAt = System.nanoTime();
    ready = true;
  }

  boolean isReady() {
    return ready;
  }

  /** Asks the process to suspend its jobs and end; none is started any more. */
  void stop() {
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    WorkerProcess current = process;
    if (current != null) {
      current.stop();
    }
  }

  /** Waits for the end, and kills the process when the time is over. */
  void awaitEnd(Duration limit) {
    try {
      if (!thread.join(limit.isNegative() ? Duration.ZERO : limit)) {
        kill();
        thread.interrupt(); // it may wait for the database
        boolean _ = thread.join(AFTER_KILL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Kills a process that hangs; the kernel may have stopped it, or its memory is swapped out. Two
   * checks in a row must find it silent: after a pause of this process, its messages wait.
   */
  void killIfSilent(Duration limit) {
    WorkerProcess current = process;
    if (current == null || !current.isSilent(limit)) {
      silent = false;
      return;
    }
    if (silent) {
      log.error("Worker {} says nothing and is killed", current.name());
      current.kill();
    }
    silent = true;
  }

  private void kill() {
    WorkerProcess current = process;
    if (current != null) {
      current.kill();
    }
  }
}
