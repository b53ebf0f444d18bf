package io.trainyard.store.duckdb;

import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The task of a slot's thread, which its caller may cancel. Loops over rows call {@link
 * #checkCancelled}; a running statement of DuckDB is interrupted. The thread itself is not
 * interrupted: that would close the files of the embedded database.
 */
public final class RunningTask {
  private static final ThreadLocal<RunningTask> CURRENT = new ThreadLocal<>();

  /** How often it is asked whether anybody waits. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private final Set<DuckDb> sessions = ConcurrentHashMap.newKeySet();
  private volatile boolean cancelled;

  RunningTask() {}

  /** Makes this the task of the current thread while an action runs. */
  void run(Runnable action) {
    RunningTask before = CURRENT.get(); // null for a first one
    CURRENT.set(this);
    try {
      action.run();
    } finally {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }

  /**
   * Ends the task of this thread once its caller has cancelled it.
   *
   * @throws CancellationException after a cancellation
   */
  public static void checkCancelled() {
    RunningTask task = CURRENT.get();
    if (task != null && task.cancelled) {
      throw new CancellationException("the caller no longer waits");
    }
  }

  /** Whether the caller of this thread's task has cancelled it. */
  public static BooleanSupplier cancelled() {
    RunningTask task = CURRENT.get();
    return () -> task != null && task.cancelled;
  }

  /**
   * Does work that may take some time.
   *
   * @param cancelled whether nobody waits for the work any more
   * @param sessions which the work uses, besides those that it opens
   * @param late what the caller is told when the time is over
   */
  public static <T> T within(
      Duration limit,
      BooleanSupplier cancelled,
      Set<DuckDb> sessions,
      Supplier<ServiceException> late,
      Supplier<T> work) {
    long start = System.nanoTime();
    BooleanSupplier isLate = () -> System.nanoTime() - start > limit.toNanos();
    try {
      return call(() -> cancelled.getAsBoolean() || isLate.getAsBoolean(), sessions, work);
    } catch (CancellationException e) {
      throw cancelled.getAsBoolean() ? e : late.get();
    }
  }

  private static <T> T call(BooleanSupplier stopped, Set<DuckDb> sessions, Supplier<T> work) {
    RunningTask task = new RunningTask();
    task.sessions.addAll(sessions);
    AtomicBoolean ended = new AtomicBoolean();
    AtomicReference<T> result = new AtomicReference<>();
    Thread.ofVirtual()
        .start(
            () -> {
              while (!ended.get()) {
                if (stopped.getAsBoolean()) {
                  task.cancel();
                }
                LockSupport.parkNanos(LOOK.toNanos());
              }
            });
    try {
      task.run(() -> result.set(work.get()));
      return Objects.requireNonNull(result.get());
    } finally {
      ended.set(true);
    }
  }

  static void opened(DuckDb session) {
    RunningTask task = CURRENT.get();
    if (task != null) {
      task.sessions.add(session);
    }
  }

  static void closed(DuckDb session) {
    RunningTask task = CURRENT.get();
    if (task != null) {
      task.sessions.remove(session);
    }
  }

  /** Cancels the task. Repeated calls also stop statements that started in between. */
  void cancel() {
    cancelled = true;
    sessions.forEach(DuckDb::interrupt);
  }
}
