package io.trainyard.store.duckdb;

import io.trainyard.access.FairTurns;
import io.trainyard.access.Identity;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the tasks that read and write rows for requests. Each task holds a slot, which has one
 * platform thread; the request's virtual thread only waits. So native code never holds the few
 * carriers of virtual threads, and the memory of all tasks is at most the number of slots times
 * {@code trainyard.datasets.memory}.
 *
 * <p>Uploads leave one slot to readers, when there are several, and one caller leaves another one
 * to other callers. A platform thread runs its tasks itself: the jobs of a process are bounded
 * already, and a task can start another one.
 */
public final class TaskSlots implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final DatasetProperties properties;
  private final BlockingQueue<TaskSlot> free;
  private final FairTurns uploads;

  // Guarded by itself.
  private final Map<String, Integer> waitingByCaller = new HashMap<>();

  public TaskSlots(DatasetProperties properties) {
    this.properties = properties;
    int slots = properties.slots();
    free = new ArrayBlockingQueue<>(slots, true);
    for (int i = 1; i <= slots; i++) {
      free.add(new TaskSlot("dataset-task-" + i));
    }
    int most = Math.max(1, slots - 1);
    uploads = new FairTurns(most, Math.max(1, most - 1));
  }

  /** A task and the exception that it may throw. */
  public interface Task<T, X extends Exception> {
    T run() throws X;
  }

  /**
   * Runs a task that reads rows. It waits at most {@code trainyard.datasets.read-wait}.
   *
   * @throws ServiceException QUEUE_FULL when no slot becomes free in time, or too many tasks wait
   */
  public <T, X extends Exception> T read(Task<T, X> task) throws X {
    return Thread.currentThread().isVirtual() ? run(task, properties.readWait()) : task.run();
  }

  /**
   * Runs a task that writes the rows of an upload. It waits for its turn while its caller does.
   *
   * @throws ServiceException QUEUE_FULL when too many tasks wait
   */
  public <T, X extends Exception> T upload(Task<T, X> task) throws X {
    if (!Thread.currentThread().isVirtual()) {
      return task.run();
    }
    String caller = Identity.current().counted();
    FairTurns.Turn now = uploads.poll(caller);
    try (FairTurns.Turn _ = now == null ? queue(() -> turn(caller)) : now) {
      return run(task, null);
    }
  }

  private FairTurns.Turn turn(String caller) throws InterruptedException {
    return Objects.requireNonNull(uploads.take(caller, null, TaskSlots::refuseIfLeft));
  }

  private <T, X extends Exception> T run(Task<T, X> task, @Nullable Duration wait) throws X {
    TaskSlot now = free.poll();
    TaskSlot slot = now == null ? queue(() -> await(wait)) : now;
    try {
      return slot.call(task);
    } finally {
      slot.whenIdle(() -> free.add(slot));
    }
  }

  /** Refuses an upload before its body is read, while the queue is full. */
  public void checkRoom() {
    synchronized (waitingByCaller) {
      requireRoom(Identity.current().counted());
    }
  }

  /** One caller leaves a half of the queue to others. */
  private void requireRoom(String caller) {
    int capacity = properties.queueCapacity();
    if (waiting() >= capacity) {
      throw busy(capacity + " tasks on rows already wait (trainyard.datasets.queue-capacity)");
    }
    int mostOfOne = Math.max(1, capacity / 2);
    if (waitingByCaller.getOrDefault(caller, 0) >= mostOfOne) {
      throw busy(
          mostOfOne
              + " tasks on rows of this caller already wait, half of those that may"
              + " (trainyard.datasets.queue-capacity)");
    }
  }

  private static ServiceException busy(String why) {
    return new ServiceException(ErrorCode.QUEUE_FULL, why + "; retry later");
  }

  /** Waits for something. */
  private interface Wait<T> {
    T have() throws InterruptedException;
  }

  private <T> T queue(Wait<T> wait) {
    String caller = Identity.current().counted();
    synchronized (waitingByCaller) {
      requireRoom(caller);
      waitingByCaller.merge(caller, 1, Integer::sum);
    }
    try {
      return wait.have();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    } finally {
      synchronized (waitingByCaller) {
        waitingByCaller.computeIfPresent(caller, (_, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  private TaskSlot await(@Nullable Duration atMost) throws InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      long nanos = POLL.toNanos();
      if (atMost != null) {
        nanos = Math.min(nanos, atMost.toNanos() - (System.nanoTime() - begin));
      }
      if (nanos <= 0) {
        throw busy(
            "All slots for tasks on rows are in use (trainyard.datasets.concurrency); none became"
                + " free in time (trainyard.datasets.read-wait)");
      }
      TaskSlot found = free.poll(nanos, TimeUnit.NANOSECONDS);
      if (found != null) {
        return found;
      }
      refuseIfLeft();
    }
  }

  private static void refuseIfLeft() {
    if (CurrentCaller.hasLeft()) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The caller has left");
    }
  }

  /** The number of tasks that wait for a slot. */
  int waiting() {
    synchronized (waitingByCaller) {
      return waitingByCaller.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** The number of slots that no task holds. */
  int free() {
    return free.size();
  }

  @Override
  public void close() {
    free.forEach(TaskSlot::close);
  }
}
