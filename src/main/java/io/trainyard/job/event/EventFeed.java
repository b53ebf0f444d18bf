package io.trainyard.job.event;

import io.trainyard.train.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The newest events of one job, and the streams that wait for more. */
final class EventFeed {
  private static final int MAX_EVENTS = 1_000;

  /** Within an epoch, streams hear from their job about this often. */
  private static final long NEWS_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

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

  /**
   * Open once no more events will come. Those who wait for the end alone wait here: the events of a
   * fast job would wake them all the time.
   */
  private final CountDownLatch over = new CountDownLatch(1);

  /** Those of streams of several jobs, told of every change. */
  private final Set<Runnable> watchers = new HashSet<>();

  synchronized void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  synchronized void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  private void changed() {
    notifyAll();
    watchers.forEach(Runnable::run);
  }

  EventFeed(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.newsAt = nanoTime.getAsLong();
  }

  /** How often progress was told so far. */
  synchronized int told() {
    return told;
  }

  /** Tells the streams how far the job is, unless they know it or have just heard from it. */
  synchronized void tell(Progress newer) {
    long now = nanoTime.getAsLong();
    if (!newer.equals(progress) && now - newsAt >= NEWS_EVERY_NANOS) {
      progress = newer;
      told++;
      newsAt = now;
      changed();
    }
  }

  /** Adds a stream. */
  synchronized void join() {
    streams++;
  }

  /** Removes a stream and gives the number of those that remain. */
  synchronized int leave() {
    return --streams;
  }

  /**
   * Starts the feed after an event; streams read earlier events from the store.
   *
   * @param isLast whether the event is the last one of the job
   */
  synchronized void startAfter(int event, boolean isLast) {
    head = event;
    changed();
    if (isLast) {
      over.countDown();
    }
  }

  boolean started() {
    return head() >= 0;
  }

  synchronized int head() {
    return head;
  }

  synchronized void add(EventBatch batch) {
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
    if (batch.endsJob()) {
      over.countDown();
    }
  }

  synchronized void end() {
    ended = true;
    changed();
    over.countDown();
  }

  synchronized boolean ended() {
    return ended;
  }

  /** Waits until no more events will come; false when some may after this time. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return over.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Waits for events after an event, or for progress within an epoch.
   *
   * @param heard how often progress was told before
   * @return empty when none came in time; null when they are no longer in memory and must be read
   *     from the store
   */
  synchronized @Nullable EventBatch await(int after, int heard, Duration limit)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (head <= after && told == heard && !ended && deadline - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
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
  }
}
