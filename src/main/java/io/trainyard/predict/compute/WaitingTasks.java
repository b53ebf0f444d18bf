package io.trainyard.predict.compute;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one model that wait. Callers take turns; the tasks of one caller stay in order.
 * Guarded by the lock of its queue.
 */
final class WaitingTasks {
  /** The callers with a task, the next one first. */
  private final Deque<Line> turns = new ArrayDeque<>();

  /** The same by caller. */
  private final Map<String, Line> byCaller = new HashMap<>();

  private int size;

  /** The tasks of one caller. */
  record Line(String caller, Deque<ComputeTask<?>> tasks) {}

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** How many tasks of a caller wait. */
  int size(String caller) {
    Line line = byCaller.get(caller);
    return line == null ? 0 : line.tasks.size();
  }

  /** The callers with a task, the next one first. */
  Collection<Line> lines() {
    return turns;
  }

  void add(ComputeTask<?> task) {
    Line line = byCaller.get(task.account);
    if (line == null) {
      line = new Line(task.account, new ArrayDeque<>());
      byCaller.put(task.account, line);
      turns.add(line);
    }
    line.tasks.add(task);
    size++;
  }

  /** The next task; null when there is none. */
  @Nullable ComputeTask<?> peek() {
    Line next = turns.peek();
    return next == null ? null : next.tasks.peek();
  }

  /** Removes the next task. The other callers come before the next one of its caller. */
  ComputeTask<?> remove() {
    Line line = turns.remove();
    ComputeTask<?> task = line.tasks.remove();
    size--;
    if (line.tasks.isEmpty()) {
      byCaller.remove(line.caller);
    } else {
      turns.add(line);
    }
    return task;
  }

  /** Removes a task; false when it does not wait. */
  boolean remove(ComputeTask<?> task) {
    Line line = byCaller.get(task.account);
    if (line == null || !line.tasks.remove(task)) {
      return false;
    }
    size--;
    if (line.tasks.isEmpty()) {
      turns.remove(line);
      byCaller.remove(line.caller);
    }
    return true;
  }

  /**
   * Removes the tasks that can be computed in the same step as a task: the next one of each caller
   * before the others, for as long as there is room in the step.
   */
  void join(ComputeTask<?> task, List<ComputeTask<?>> joined) {
    int rows = task.work.rows();
    if (turns.size() > 1) {
      for (Line line : turns) {
        ComputeTask<?> other = line.tasks.element();
        if (task.joins(other, rows)) {
          line.tasks.remove();
          rows += add(other, joined);
        }
      }
    }
    for (Line line : turns) {
      Iterator<ComputeTask<?>> others = line.tasks.iterator();
      while (others.hasNext()) {
        ComputeTask<?> other = others.next();
        if (task.joins(other, rows)) {
          others.remove();
          rows += add(other, joined);
        }
      }
    }
    if (!joined.isEmpty()) {
      turns.removeIf(line -> line.tasks.isEmpty());
      byCaller.values().removeIf(line -> line.tasks.isEmpty());
    }
  }

  private int add(ComputeTask<?> other, List<ComputeTask<?>> joined) {
    size--;
    joined.add(other);
    return other.work.rows();
  }
}
