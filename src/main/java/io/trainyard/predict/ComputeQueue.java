package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * Work for the few threads that may touch tensors. What does not fit the queue is refused at once;
 * what nobody waits for any more is not computed.
 */
public final class ComputeQueue implements AutoCloseable {
  private final BlockingQueue<FutureTask<?>> waiting;
  private final int capacity;
  private final int threadCount;
  private final BiFunction<String, Runnable, Thread> starter;
  private final ReentrantLock starting = new ReentrantLock();
  private volatile List<Thread> threads = List.of();
  private volatile boolean closed;

  /**
   * An idle queue. Its threads start with its first work, since they wait for the natives.
   *
   * @param starter starts a compute thread of a name that runs a loop
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
        threads = List.copyOf(started);
      }
    } finally {
      starting.unlock();
    }
  }

  private void work() {
    while (!closed) {
      try {
        waiting.take().run();
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
  <T> T call(Callable<T> work, Duration patience) {
    if (threads.isEmpty()) {
      start();
    }
    FutureTask<T> task = new FutureTask<>(work);
    if (closed || !waiting.offer(task)) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL, "All " + capacity + " places of the predict queue are taken");
    }
    try {
      return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      task.cancel(false);
      waiting.remove(task);
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "The answer was not ready within " + patience, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("The prediction failed", e.getCause());
    } catch (CancellationException e) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
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
    List<FutureTask<?>> left = new ArrayList<>();
    waiting.drainTo(left);
    left.forEach(task -> task.cancel(false));
  }
}
