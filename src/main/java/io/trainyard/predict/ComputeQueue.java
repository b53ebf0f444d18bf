package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * Work for the few threads that may touch tensors. A full queue refuses more work at once. Work
 * whose caller has timed out is not computed.
 */
public final class ComputeQueue implements AutoCloseable {
  /** How much later than its deadline a caller may get its timeout. */
  private static final Duration TICK = Duration.ofMillis(10);

  private final BlockingQueue<Task<?>> waiting;
  private final Set<Task<?>> running = ConcurrentHashMap.newKeySet();
  private final int capacity;
  private final int threadCount;
  private final BiFunction<String, Runnable, Thread> starter;
  private final ReentrantLock starting = new ReentrantLock();
  private volatile List<Thread> threads = List.of();
  private volatile boolean closed;

  /**
   * An idle queue. Its threads start with the first work, because they wait for the native
   * libraries.
   *
   * @param starter starts a compute thread with a name and the loop that it runs
   */
  public ComputeQueue(int threadCount, int capacity, BiFunction<String, Runnable, Thread> starter) {
    this.waiting = new ArrayBlockingQueue<>(capacity);
    this.capacity = capacity;
    this.threadCount = threadCount;
    this.starter = starter;
  }

  private void start() {
    starting.lock();
    try {
      if (threads.isEmpty() && !closed) {
        List<Thread> started = new ArrayList<>();
        for (int i = 1; i <= threadCount; i++) {
          started.add(starter.apply("predict-" + i, this::work));
        }
        started.add(Thread.ofPlatform().daemon().name("predict-time").start(this::watch));
        threads = List.copyOf(started);
      }
    } finally {
      starting.unlock();
    }
  }

  /** Work with the time until which its caller waits. */
  private static final class Task<T> extends FutureTask<T> {
    final long deadline;

    Task(Callable<T> work, long deadline) {
      super(work);
      this.deadline = deadline;
    }
  }

  private void work() {
    while (!closed) {
      try {
        Task<?> task = waiting.take();
        running.add(task);
        task.run();
        running.remove(task);
      } catch (InterruptedException e) {
        return; // close() asks for it
      }
    }
  }

  /**
   * Cancels the work that is past its deadline. One thread does it for all: a timer for each call
   * would cost more than a small prediction.
   */
  private void watch() {
    while (!closed) {
      long now = System.nanoTime();
      for (Task<?> task : waiting) {
        if (task.deadline - now <= 0 && waiting.remove(task)) {
          task.cancel(false);
        }
      }
      running.stream().filter(task -> task.deadline - now <= 0).forEach(t -> t.cancel(false));
      try {
        Thread.sleep(TICK);
      } catch (InterruptedException e) {
        return; // close() asks for it
      }
    }
  }

  /**
   * Runs work on a compute thread and waits for it.
   *
   * @throws ServiceException QUEUE_FULL, or UNAVAILABLE when the answer is not there in time
   */
  <T> T call(Callable<T> work, Duration timeout) {
    if (threads.isEmpty()) {
      start();
    }
    Task<T> task = new Task<>(work, System.nanoTime() + timeout.toNanos());
    if (closed || !waiting.offer(task)) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL, "The predict queue is full: " + capacity + " predictions wait");
    }
    if (closed) {
      task.cancel(false); // close() may have drained the queue before
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("The prediction failed", e.getCause());
    } catch (CancellationException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          closed ? "The service is stopping" : "The answer was not ready within " + timeout,
          e);
    } catch (InterruptedException e) {
      task.cancel(false);
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  int depth() {
    return waiting.size();
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    List<Task<?>> left = new ArrayList<>();
    waiting.drainTo(left);
    left.forEach(task -> task.cancel(false));
  }
}
