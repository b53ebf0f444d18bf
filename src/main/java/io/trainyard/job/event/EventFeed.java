package io.trainyard.job.event;

import io.trainyard.train.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The newest events of one job, and the streams that wait for more. */
final class EventFeed {
  private static final int MAX_EVENTS = 1_000;

  /** Within an epoch, streams hear from their job about this often. */
  private static final long NEWS_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<EventBatch> recent = new ArrayDeque<>();
  private int events;

  /** The number of the newest event; −1 until it is known. */
  private int head = -1;

  private final LongSupplier nanoTime;

  /** When there was an event, or progress was told. */
  private long newsAt;

  /** What was told last, by the event of an epoch or within one. */
  private @Nullable Progress progress;

  /** How often progress was told within epochs. */
  private int told;

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

  EventFeed(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.newsAt = nanoTime.getAsLong();
  }

  /** How often progress was told so far. */
  int told() {
    lock.lock();
    try {
      return told;
    } finally {
      lock.unlock();
    }
  }

  /** Tells the streams how far the job is, unless they know it or have just heard from it. */
  void tell(Progress newer) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      if (!newer.equals(progress) && now - newsAt >= NEWS_EVERY_NANOS) {
        progress = newer;
        told++;
        newsAt = now;
        changed();
      }
    } finally {
      lock.unlock();
    }
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
      newsAt = nanoTime.getAsLong();
      if (batch.events().getLast() instanceof JobEvent.EpochEnded ended) {
        progress = ended.progress();
      }
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
   * Waits for events after an event, or for progress within an epoch.
   *
   * @param heard how often progress was told before
   * @return empty when none came in time; null when they are no longer in memory and must be read
   *     from the store
   */
  @Nullable EventBatch await(int after, int heard, Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (head <= after && told == heard && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (head <= after) {
        return told == heard || progress == null
            ? EventBatch.EMPTY
            : EventBatch.within(progress, told);
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
