package io.trainyard.job.event;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One watched job: its newest events, and those who wait for more. */
final class EventFeed {
  private static final int KEPT = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Deque<EventBatch> recent = new ArrayDeque<>();
  private int kept;
  private int head = -1;
  private int streams;
  private boolean ended;

  void entered() {
    lock.lock();
    try {
      streams++;
    } finally {
      lock.unlock();
    }
  }

  /** How many are still there after one left. */
  int left() {
    lock.lock();
    try {
      return --streams;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is not known yet how far the job is. */
  boolean isNew() {
    return head() < 0;
  }

  void begin(int at) {
    lock.lock();
    try {
      head = at;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int head() {
    lock.lock();
    try {
      return head;
    } finally {
      lock.unlock();
    }
  }

  void add(EventBatch events) {
    lock.lock();
    try {
      recent.addLast(events);
      kept += events.events().size();
      while (kept > KEPT && recent.size() > 1) {
        kept -= recent.removeFirst().events().size();
      }
      head = events.last();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      ended = true;
      news.signalAll();
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
   * Waits until there is something after an event.
   *
   * @return the events; none when nothing came in time; null when they are not kept any more and
   *     must be read from the store
   */
  @Nullable EventBatch await(int after, Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (head <= after && !ended && left > 0) {
        left = news.awaitNanos(left);
      }
      if (head <= after) {
        return EventBatch.NONE;
      }
      for (EventBatch some : recent) {
        if (some.last() > after) {
          return some.first() > after + 1 ? null : some.after(after);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }
}
