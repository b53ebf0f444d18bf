package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Work for the few threads that may touch tensors. A full queue refuses more work at once. Work
 * whose caller has timed out is not computed, and work under way is told to stop.
 *
 * <p>Each model has a lane. Lanes take turns, one step at a time. With several threads, one of them
 * is always free for light work of another model: a lane holds at most all threads but one, and so
 * does all heavy work together.
 */
public final class ComputeQueue implements AutoCloseable {
  /** How much later than its deadline a caller may get its timeout. */
  private static final Duration TICK = Duration.ofMillis(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** The lanes with waiting work that may use another thread; guarded by the lock. */
  private final Deque<Lane> ready = new ArrayDeque<>();

  private final Set<Task<?>> open = ConcurrentHashMap.newKeySet();
  private final int capacity;
  private final int threadCount;
  private final int shared;
  private final BiFunction<String, Runnable, Thread> starter;
  private final ReentrantLock starting = new ReentrantLock();
  private volatile List<Thread> threads = List.of();
  private volatile boolean closed;

  // Guarded by the lock.
  private int waiting;
  private int heavyRunning;
  private int largeRunning;

  /**
   * An idle queue. Its threads start with the first work, because they wait for the native
   * libraries.
   *
   * @param starter starts a compute thread with a name and the loop that it runs
   */
  public ComputeQueue(int threadCount, int capacity, BiFunction<String, Runnable, Thread> starter) {
    this.capacity = capacity;
    this.threadCount = threadCount;
    this.shared = Math.max(1, threadCount - 1);
    this.starter = starter;
  }

  /** What one step of some work occupies. */
  enum Weight {
    /** A thread for at most some milliseconds. */
    LIGHT,
    /** A thread for longer. */
    HEAVY,
    /** A thread for longer, and the memory for large rows, which only one at a time can use. */
    LARGE
  }

  /** Work in one or more steps. Other work may run between two of them. */
  interface Work<T> {
    /** The number of steps, at least 1. */
    int steps();

    Weight weight();

    /**
     * Runs the next step; the last one gives the result.
     *
     * @param stopped whether no caller waits for the result any more
     */
    @Nullable T next(BooleanSupplier stopped);
  }

  /** The work of one model, in order. Guarded by the lock of its queue. */
  static final class Lane {
    private final Deque<Task<?>> waiting = new ArrayDeque<>();
    private int running;
    private boolean isReady;
  }

  /** Work with the time until which its caller waits. */
  private static final class Task<T> extends FutureTask<T> {
    final Lane lane;
    final Weight weight;
    final long deadline;
    int left;

    Task(Lane lane, Work<T> work, long deadline) {
      Step<T> step = new Step<>(work);
      super(step);
      step.stopped = this::isCancelled;
      this.lane = lane;
      this.weight = work.weight();
      this.left = work.steps();
      this.deadline = deadline;
    }

    /** Runs one step; false when another one follows. */
    boolean runStep() {
      left--;
      if (left > 0 && runAndReset()) {
        return isDone();
      }
      if (left <= 0) {
        run();
      }
      return true;
    }
  }

  private static final class Step<T> implements Callable<T> {
    private final Work<T> work;
    private BooleanSupplier stopped = () -> false;

    Step(Work<T> work) {
      this.work = work;
    }

    @Override
    @SuppressWarnings("NullAway") // only the last step's result is read
    public T call() {
      return work.next(stopped);
    }
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

  private void work() {
    try {
      Task<?> task = next(null, true);
      while (!closed) {
        boolean finished = task.runStep();
        if (finished) {
          open.remove(task);
        }
        task = next(task, finished);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() asks for it
    }
  }

  /**
   * Ends a step of the previous work, waits for work that may run, and counts it as running. One
   * lock for both: small predictions spend much of their time in this queue.
   */
  private Task<?> next(@Nullable Task<?> previous, boolean finished) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (previous != null) {
        putBack(previous, finished);
      }
      Lane lane = runnable();
      while (lane == null) {
        changed.await();
        lane = runnable();
      }
      ready.remove(lane);
      lane.isReady = false;
      Task<?> task = lane.waiting.remove();
      waiting--;
      lane.running++;
      count(task, 1);
      var _ = admit(lane);
      if (runnable() != null) {
        changed.signal();
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  /** The first lane whose next work may run. */
  private @Nullable Lane runnable() {
    Iterator<Lane> lanes = ready.iterator();
    while (lanes.hasNext()) {
      Lane lane = lanes.next();
      Task<?> first = lane.waiting.peek();
      if (first == null) {
        lanes.remove();
        lane.isReady = false;
      } else if (mayRun(first)) {
        return lane;
      }
    }
    return null;
  }

  private boolean mayRun(Task<?> task) {
    return switch (task.weight) {
      case LIGHT -> true;
      case HEAVY -> heavyRunning < shared;
      case LARGE -> heavyRunning < shared && largeRunning == 0;
    };
  }

  private void count(Task<?> task, int change) {
    heavyRunning += task.weight == Weight.LIGHT ? 0 : change;
    largeRunning += task.weight == Weight.LARGE ? change : 0;
  }

  /** Puts a lane behind the others, if it has work that may run; whether it did. */
  private boolean admit(Lane lane) {
    boolean becomesReady = !lane.isReady && !lane.waiting.isEmpty() && lane.running < shared;
    if (becomesReady) {
      lane.isReady = true;
      ready.add(lane);
    }
    return becomesReady;
  }

  /** Counts work as no longer running; unfinished work waits behind the rest of its lane. */
  private void putBack(Task<?> task, boolean finished) {
    task.lane.running--;
    count(task, -1);
    if (!finished && !task.isDone()) {
      task.lane.waiting.add(task);
      waiting++;
    }
    var _ = admit(task.lane);
  }

  /**
   * Cancels the work that is past its deadline. One thread does it for all: a timer for each call
   * would cost more than a small prediction.
   */
  private void watch() {
    while (!closed) {
      long now = System.nanoTime();
      open.stream().filter(task -> task.deadline - now <= 0).forEach(this::drop);
      try {
        Thread.sleep(TICK);
      } catch (InterruptedException e) {
        return; // close() asks for it
      }
    }
  }

  /** Its place in the queue is free before its caller learns that it was cancelled. */
  private void drop(Task<?> task) {
    open.remove(task);
    lock.lock();
    try {
      if (task.lane.waiting.remove(task)) {
        waiting--;
        changed.signal(); // work behind it may be able to run
      }
    } finally {
      lock.unlock();
    }
    task.cancel(false);
  }

  private boolean offer(Task<?> task) {
    lock.lock();
    try {
      if (closed || waiting >= capacity) {
        return false;
      }
      open.add(task);
      task.lane.waiting.add(task);
      waiting++;
      // A thread that runs work of this lane, or that was woken for it, takes the rest too.
      if (admit(task.lane)) {
        changed.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs work on a compute thread and waits for it.
   *
   * @throws ServiceException QUEUE_FULL, or UNAVAILABLE when the answer is not there in time
   */
  <T> T call(Lane lane, Work<T> work, Duration timeout) {
    if (threads.isEmpty()) {
      start();
    }
    Task<T> task = new Task<>(lane, work, System.nanoTime() + timeout.toNanos());
    if (!offer(task)) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL, "The predict queue is full: " + capacity + " predictions wait");
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
      drop(task);
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  int depth() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    threads.forEach(Thread::interrupt);
    open.forEach(this::drop);
  }
}
