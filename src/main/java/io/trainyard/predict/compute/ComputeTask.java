package io.trainyard.predict.compute;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Work with the time until which its caller waits. */
final class ComputeTask<T> {
  /** How often a waiting caller is asked whether it has left. The answer costs its connection. */
  private static final Duration QUESTION = Duration.ofSeconds(1);

  private static final int OPEN = 0;
  private static final int DONE = 1;
  private static final int CANCELLED = 2;

  final ComputeQueue.Lane lane;

  /** Who is charged for its place. */
  final String account;

  final ComputeQueue.Work<T> work;
  final ComputeQueue.Weight weight;
  final Deadline deadline;
  final Thread caller = Thread.currentThread();
  int left;
  private final AtomicInteger state = new AtomicInteger();
  private @Nullable T result;
  private @Nullable Throwable failure;

  /** Whether the caller is to find out whether it still has a caller itself. */
  volatile boolean questioned;

  /** When it is asked next, in nanoseconds; used by the watching thread alone. */
  private long question;

  /**
   * @param account as {@link io.trainyard.access.Identity#counted}
   */
  ComputeTask(
      ComputeQueue.Lane lane, String account, ComputeQueue.Work<T> work, Deadline deadline) {
    this.lane = lane;
    this.account = account;
    this.work = work;
    this.weight = work.weight();
    this.left = work.steps();
    this.deadline = deadline;
    this.question = deadline.start() + QUESTION.toNanos();
  }

  /**
   * Whether another task, too, is one step, which can be computed in the same one.
   *
   * @param rows the rows that are in the step already
   */
  boolean joins(ComputeTask<?> other, int rows) {
    return other.left == 1
        && other.work.steps() == 1
        && other.weight == weight
        && work.joins(other.work, rows);
  }

  /** Whether it is time to ask the caller, who is asked once in a while. */
  boolean isQuestionDue() {
    long now = System.nanoTime();
    if (now - question < 0) {
      return false;
    }
    question = now + QUESTION.toNanos();
    return true;
  }

  boolean isOpen() {
    return state.get() == OPEN;
  }

  boolean isCancelled() {
    return state.get() == CANCELLED;
  }

  /** Whether the result is still wanted; cancels the task when it is not. */
  boolean isWanted() {
    if (isOpen() && (deadline.isOver() || deadline.hasLeft().getAsBoolean())) {
      cancel();
    }
    return isOpen();
  }

  /** Runs one step; false when another one follows. */
  boolean runStep() {
    left--;
    try {
      T given = isOpen() ? work.next(this::isCancelled) : null;
      if (left > 0 && isOpen()) {
        return false;
      }
      finish(given, null);
    } catch (Throwable e) {
      finish(null, e);
    }
    return true;
  }

  void finish(@Nullable T given, @Nullable Throwable fault) {
    result = given;
    failure = fault;
    if (state.compareAndSet(OPEN, DONE)) {
      LockSupport.unpark(caller);
    }
  }

  void cancel() {
    if (state.compareAndSet(OPEN, CANCELLED)) {
      LockSupport.unpark(caller);
    }
  }

  /** The result, when it is done. */
  @SuppressWarnings("NullAway") // the last step gives a result
  T result() {
    if (failure instanceof RuntimeException fault) {
      throw fault;
    }
    if (failure != null) {
      throw new IllegalStateException("The prediction failed", failure);
    }
    return result;
  }

  /**
   * Runs the next step of a task together with other tasks that join it; those that nobody waits
   * for are left out.
   *
   * @return false when another step follows
   */
  static boolean run(ComputeTask<?> task, List<ComputeTask<?>> joined) {
    if (joined.isEmpty()) {
      return task.isWanted() ? task.runStep() : true;
    }
    List<ComputeTask<?>> wanted = new ArrayList<>();
    wanted.add(task);
    wanted.addAll(joined);
    wanted.removeIf(each -> !each.isWanted());
    if (wanted.size() > 1) {
      runTogether(wanted.getFirst(), wanted.subList(1, wanted.size()));
    } else {
      wanted.forEach(ComputeTask::runStep);
    }
    return true;
  }

  /**
   * Runs several tasks of one step. When that fails, each runs alone: a fault of one is not a fault
   * of the others.
   */
  @SuppressWarnings("unchecked") // work that joins gives results of the same type
  private static <T> void runTogether(ComputeTask<T> first, List<ComputeTask<?>> joined) {
    List<ComputeTask<T>> all = new ArrayList<>();
    all.add(first);
    joined.forEach(task -> all.add((ComputeTask<T>) task));
    try {
      List<ComputeQueue.Work<T>> others =
          all.subList(1, all.size()).stream().map(task -> task.work).toList();
      List<T> results =
          first.work.together(others, () -> all.stream().noneMatch(ComputeTask::isOpen));
      for (int i = 0; i < all.size(); i++) {
        all.get(i).finish(results.get(i), null);
      }
    } catch (Throwable e) {
      all.forEach(ComputeTask::runStep);
    }
  }
}
