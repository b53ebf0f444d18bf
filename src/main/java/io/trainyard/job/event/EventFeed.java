package io.trainyard.job.event;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The newest events of one job, and the streams that wait for more. */
final class EventFeed {
  private static final int MAX_EVENTS = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<EventBatch> recent = new ArrayDeque<>();
  private int events;

  /** The number of the newest event; −1 until it is known. */
  private int head = -1;

  private int streams;
  private boolean ended;

  /** Those of streams of several jobs, told of every change. */
  private final Set<Runnable> watchers = new HashSet<>();

  void watch(Runnable watcher) {
    lock.lock();
    try {
      watchers.add(watcher);
    } finally {
      lock.unlock();
    }
  }

  void unwatch(Runnable watcher) {
    lock.lock();
    try {
      watchers.remove(watcher);
    } finally {
      lock.unlock();
    }
  }

  private void changed() {
    changed.signalAll();
    watchers.forEach(Runnable::run);
  }

  /** Adds a stream. */
  void join() {
    lock.lock();
    try {
      streams++;
    } finally {
      lock.unlock();
    }
  }

  /** Removes a stream and gives the number of those that remain. */
  int leave() {
    lock.lock();
    try {
      return --streams;
    } finally {
      lock.unlock();
    }
  }

  /** Starts the feed after an event; streams read earlier events from the store. */
  void startAfter(int event) {
    lock.lock();
    try {
      head = event;
      changed();
    } finally {
      lock.unlock();
    }
  }

  boolean started() {
    return head() >= 0;
  }

  int head() {
    lock.lock();
    try {
      return head;
    } finally {
      lock.unlock();
    }
  }

  void add(EventBatch batch) {
    lock.lock();
    try {
      recent.addLast(batch);
      events += batch.events().size();
      while (events > MAX_EVENTS && recent.size() > 1) {
        events -= recent.removeFirst().events().size();
      }
      head = batch.last();
      changed();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      ended = true;
      changed();
    } finally {
      lock.unlock();
    }
  }

  boolean ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for events after an event.
   *
   * @return empty when none came in time; null when they are no longer in memory and must be read
   *     from the store
   */
  @Nullable EventBatch await(int after, Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (head <= after && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (head <= after) {
        return EventBatch.EMPTY;
      }
      for (EventBatch batch : recent) {
        if (batch.last() > after) {
          return batch.first() > after + 1 ? null : batch.after(after);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }
}
