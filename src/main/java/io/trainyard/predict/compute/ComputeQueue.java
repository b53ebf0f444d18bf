package io.trainyard.predict.compute;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Work for the few threads that may touch tensors. Work whose caller has timed out is not computed,
 * and work under way is told to stop.
 *
 * <p>One caller may fill the queue while no other one waits. A full queue refuses work at once: the
 * newest of the caller who has the most in it, and of the model for which this caller has the most.
 * So who has less gets a place at any time, whatever the others send.
 *
 * <p>Each model has a lane. Lanes take turns, one step at a time, and so do the callers within a
 * lane. With several threads, one of them is always free for light work of another model: a lane
 * holds at most all threads but one, and so does all heavy work together.
 *
 * <p>A thread that takes work also takes what waits in the same lane and can be computed in the
 * same step. So lone work never waits for company, and under load the steps grow by themselves.
 */
public final class ComputeQueue implements AutoCloseable {
  /** How much later than its deadline a caller may get its timeout. */
  private static final Duration TICK = Duration.ofMillis(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** The lanes with waiting work that may use another thread; guarded by the lock. */
  private final Deque<Lane> ready = new ArrayDeque<>();

  /** The lanes of the work under way, each once for a thread; guarded by the lock. */
  private final List<Lane> running = new ArrayList<>();

  private final Set<ComputeTask<?>> open = ConcurrentHashMap.newKeySet();
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
  public enum Weight {
    /** A thread for at most some milliseconds. */
    LIGHT,
    /** A thread for longer. */
    HEAVY,
    /** A thread for longer, and the memory for large rows, which only one at a time can use. */
    LARGE
  }

  /** Work in one or more steps. Other work may run between two of them. */
  public interface Work<T> {
    /** The number of steps, at least 1. */
    int steps();

    Weight weight();

    /**
     * Runs the next step; the last one gives the result.
     *
     * @param stopped whether no caller waits for the result any more
     */
    @Nullable T next(BooleanSupplier stopped);

    /**
     * Whether other work can be computed in the same step. Both have one step.
     *
     * @param rows the rows that are in the step already
     */
    default boolean joins(Work<?> other, int rows) {
      return false;
    }

    /** The rows of the step. */
    default int rows() {
      return 1;
    }

    /**
     * Runs the only step of this work and of others that join it.
     *
     * @return the results in the same order, this one's first
     */
    default List<T> together(List<Work<T>> others, BooleanSupplier stopped) {
      throw new IllegalStateException("nothing joins this work");
    }
  }

  /** The work of one model. Guarded by the lock of its queue. */
  public static final class Lane {
    private final WaitingTasks waiting = new WaitingTasks();
    private int running;
    private boolean isReady;
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
      List<ComputeTask<?>> joined = new ArrayList<>();
      ComputeTask<?> task = next(null, true, joined);
      while (!closed) {
        boolean finished = ComputeTask.run(task, joined);
        if (finished) {
          open.remove(task);
          joined.forEach(open::remove);
        }
        joined.clear();
        task = next(task, finished, joined);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() asks for it
    }
  }

  /**
   * Ends a step of the previous work, waits for work that may run, and counts it as running. One
   * lock for both: small predictions spend much of their time in this queue.
   */
  private ComputeTask<?> next(
      @Nullable ComputeTask<?> previous, boolean finished, List<ComputeTask<?>> joined)
      throws InterruptedException {
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
      ComputeTask<?> task = lane.waiting.remove();
      waiting--;
      lane.running++;
      running.add(lane);
      count(task, 1);
      join(task, joined);
      var _ = admit(lane);
      if (runnable() != null) {
        changed.signal();
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the waiting work of the same lane that can be computed in the same step. */
  private void join(ComputeTask<?> task, List<ComputeTask<?>> joined) {
    if (task.left != 1 || task.lane.waiting.isEmpty()) {
      return;
    }
    task.lane.waiting.join(task, joined);
    waiting -= joined.size();
  }

  /** The first lane whose next work may run. */
  private @Nullable Lane runnable() {
    Iterator<Lane> lanes = ready.iterator();
    while (lanes.hasNext()) {
      Lane lane = lanes.next();
      ComputeTask<?> first = lane.waiting.peek();
      if (first == null) {
        lanes.remove();
        lane.isReady = false;
      } else if (mayRun(first)) {
        return lane;
      }
    }
    return null;
  }

  private boolean mayRun(ComputeTask<?> task) {
    return switch (task.weight) {
      case LIGHT -> true;
      case HEAVY -> heavyRunning < shared;
      case LARGE -> heavyRunning < shared && largeRunning == 0;
    };
  }

  private void count(ComputeTask<?> task, int change) {
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

  /** Counts work as no longer running; unfinished work waits after the rest of its caller's. */
  private void putBack(ComputeTask<?> task, boolean finished) {
    task.lane.running--;
    running.remove(task.lane);
    count(task, -1);
    if (!finished && task.isOpen()) {
      task.lane.waiting.add(task);
      waiting++;
    }
    var _ = admit(task.lane);
  }

  /**
   * Cancels the work that is past its deadline, and asks callers that wait for long whether they
   * still have to. One thread does it for all: a timer for each call would cost more than a small
   * prediction.
   */
  private void watch() {
    while (!closed) {
      for (ComputeTask<?> task : open) {
        if (task.deadline.isOver()) {
          drop(task);
        } else if (task.isQuestionDue()) {
          task.questioned = true;
          LockSupport.unpark(task.caller);
        }
      }
      try {
        Thread.sleep(TICK);
      } catch (InterruptedException e) {
        return; // close() asks for it
      }
    }
  }

  /** Its place in the queue is free before its caller learns that it was cancelled. */
  private void drop(ComputeTask<?> task) {
    open.remove(task);
    lock.lock();
    try {
      leave(task);
    } finally {
      lock.unlock();
    }
    task.cancel();
  }

  private void leave(ComputeTask<?> task) {
    if (task.lane.waiting.remove(task)) {
      waiting--;
      changed.signal(); // work behind it may be able to run
    }
  }

  /**
   * Adds a task to the queue.
   *
   * @return the task that a full queue gives up, which may be this one; null when there is room
   */
  private @Nullable ComputeTask<?> offer(ComputeTask<?> task) {
    lock.lock();
    try {
      if (closed) {
        return task;
      }
      open.add(task);
      task.lane.waiting.add(task);
      waiting++;
      // A thread that runs work of this lane, or that was woken for it, takes the rest too.
      if (admit(task.lane)) {
        changed.signal();
      }
      if (waiting <= capacity) {
        return null;
      }
      ComputeTask<?> refused = excess(task);
      leave(refused);
      return refused;
    } finally {
      lock.unlock();
    }
  }

  /**
   * How many tasks wait beside a task.
   *
   * @param ofCaller in all lanes
   * @param ofCallerHere in its lane
   * @param here of all callers in its lane
   */
  private record Share(int ofCaller, int ofCallerHere, int here) implements Comparable<Share> {
    private static final Comparator<Share> SMALLER =
        Comparator.comparingInt(Share::ofCaller)
            .thenComparingInt(Share::ofCallerHere)
            .thenComparingInt(Share::here);

    @Override
    public int compareTo(Share other) {
      return SMALLER.compare(this, other);
    }
  }

  /**
   * The last task of the largest share, or the newest one when no share is larger than its own: a
   * task is given up only for one that leaves its caller with less.
   */
  private ComputeTask<?> excess(ComputeTask<?> newest) {
    // Work waits for the threads, or for the work of its lane under way.
    Set<Lane> lanes = new LinkedHashSet<>(ready);
    lanes.addAll(running);
    Map<String, Integer> byCaller = new HashMap<>();
    for (Lane lane : lanes) {
      for (WaitingTasks.Line line : lane.waiting.lines()) {
        byCaller.merge(line.caller(), line.tasks().size(), Integer::sum);
      }
    }
    ComputeTask<?> excess = newest;
    Share own = share(newest, byCaller);
    Share largest = own;
    for (Lane lane : lanes) {
      for (WaitingTasks.Line line : lane.waiting.lines()) {
        ComputeTask<?> last = line.tasks().getLast();
        Share share = share(last, byCaller);
        if (share.compareTo(own) > 0 && share.compareTo(largest) >= 0) {
          largest = share;
          excess = last;
        }
      }
    }
    return excess;
  }

  private static Share share(ComputeTask<?> task, Map<String, Integer> byCaller) {
    WaitingTasks waiting = task.lane.waiting;
    return new Share(
        byCaller.getOrDefault(task.account, 0), waiting.size(task.account), waiting.size());
  }

  /**
   * Runs work on a compute thread and waits for it.
   *
   * @throws ServiceException QUEUE_FULL, also while it waits, or UNAVAILABLE when the answer is not
   *     there in time or the caller has left
   */
  public <T> T call(Lane lane, Work<T> work, Deadline deadline) {
    if (threads.isEmpty()) {
      start();
    }
    if (deadline.isOver()) {
      throw deadline.missed();
    }
    String caller = Identity.current().counted();
    ComputeTask<T> task = new ComputeTask<>(lane, caller, work, deadline);
    ComputeTask<?> refused = offer(task);
    if (refused != null) {
      open.remove(refused);
      refused.finish(null, full());
    }
    while (task.isOpen()) {
      LockSupport.park(this);
      if (task.isOpen() && Thread.interrupted()) {
        drop(task);
        Thread.currentThread().interrupt();
        throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping");
      }
      if (task.questioned) {
        task.questioned = false;
        if (deadline.hasLeft().getAsBoolean()) {
          drop(task);
          throw new ServiceException(ErrorCode.UNAVAILABLE, "The caller has left");
        }
      }
    }
    if (!task.isCancelled()) {
      return task.result();
    }
    throw closed
        ? new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping")
        : deadline.missed();
  }

  private ServiceException full() {
    return new ServiceException(
        ErrorCode.QUEUE_FULL,
        "The predict queue is full: %d predictions wait (trainyard.predict.queue-capacity), and no caller has more of them than you; send fewer at once"
            .formatted(capacity));
  }

  public int depth() {
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
