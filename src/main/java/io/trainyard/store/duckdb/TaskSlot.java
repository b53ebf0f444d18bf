package io.trainyard.store.duckdb;

import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.ProcessControl;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.MDC;

/** One platform thread of {@link TaskSlots}, which runs one task at a time. */
final class TaskSlot implements AutoCloseable {
  /**
   * DuckDB plans a query on the calling thread, by recursion over its expressions. Only the pages
   * that are used take memory.
   */
  private static final long STACK_BYTES = 64L << 20;

  private static final long POLL_MILLIS = 1000;

  /** How often a cancelled task is interrupted, and the time between. */
  private static final int INTERRUPTS = 100;

  private static final long INTERRUPT_MILLIS = 100;

  /**
   * Predictions and health checks come first when the cores are busy. DuckDB's threads inherit it.
   */
  private static final int NICE = 10;

  private final ThreadPoolExecutor thread;

  TaskSlot(String name) {
    thread =
        new ThreadPoolExecutor(
            1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> thread(name, task));
    thread.allowCoreThreadTimeOut(true);
  }

  private static Thread thread(String name, Runnable task) {
    return Thread.ofPlatform()
        .daemon()
        .name(name)
        .stackSize(STACK_BYTES)
        .unstarted(
            () -> {
              ProcessControl.lowerThreadPriority(NICE);
              task.run();
            });
  }

  /** Runs a task and waits for it. Cancels it when the caller leaves or is interrupted. */
  <T, X extends Exception> T call(TaskSlots.Task<T, X> task) throws X {
    RunningTask running = new RunningTask();
    FutureTask<T> result = new FutureTask<>(task::run);
    start(running, result);
    try {
      while (!isDone(result, POLL_MILLIS)) {
        if (CurrentCaller.hasLeft()) {
          cancel(running, result);
          throw new ServiceException(ErrorCode.UNAVAILABLE, "The caller has left");
        }
      }
      return result.get();
    } catch (InterruptedException e) {
      running.cancel();
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    } catch (ExecutionException e) {
      throw failure(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private void start(RunningTask running, FutureTask<?> result) {
    Map<String, String> context = MDC.getCopyOfContextMap();
    thread.execute(
        () -> {
          if (context != null) {
            MDC.setContextMap(context);
          }
          running.run(result);
          MDC.clear();
        });
  }

  private static boolean isDone(Future<?> result, long millis) throws InterruptedException {
    try {
      result.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    }
  }

  /** Interrupts until the task ends: it may start more statements before it sees the flag. */
  private static void cancel(RunningTask running, Future<?> result) throws InterruptedException {
    for (int i = 0; i < INTERRUPTS; i++) {
      running.cancel();
      if (isDone(result, INTERRUPT_MILLIS)) {
        return;
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Exception> X failure(Throwable cause) throws X {
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof CancellationException) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The task was cancelled", cause);
    }
    throw (X) cause;
  }

  /** Runs an action once the task has ended, be it long after its caller. */
  void whenIdle(Runnable action) {
    thread.execute(action);
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
