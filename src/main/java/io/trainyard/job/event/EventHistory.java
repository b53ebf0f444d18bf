package io.trainyard.job.event;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Past events, for streams that start late or fall behind. One read runs at a time. After each
 * read, waits four times its duration: at most 20 % of one core.
 */
final class EventHistory {
  private static final int PAGE = 500;
  private static final int PAUSE_FACTOR = 4;
  private static final int MAX_PAGES = 32;

  private final EventStore store;
  private final Semaphore turn = new Semaphore(1, true);

  /** The pages used last, for other streams at the same position. Past events never change. */
  private final Map<Position, EventBatch> pages =
      new LinkedHashMap<>(MAX_PAGES, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Position, EventBatch> eldest) {
          return size() > MAX_PAGES;
        }
      };

  private record Position(String job, int after) {}

  EventHistory(EventStore store) {
    this.store = store;
  }

  /** Events after an event; empty when other reads took all the time. */
  EventBatch after(String job, int id, Duration limit) throws InterruptedException {
    Position position = new Position(job, id);
    EventBatch known = known(position);
    if (known != null || !turn.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return known == null ? EventBatch.EMPTY : known;
    }
    try {
      known = known(position);
      return known == null ? read(position) : known;
    } finally {
      turn.release();
    }
  }

  private @Nullable EventBatch known(Position position) {
    synchronized (pages) {
      return pages.get(position);
    }
  }

  private EventBatch read(Position position) throws InterruptedException {
    long begin = System.nanoTime();
    EventBatch page = new EventBatch(store.events(position.job(), position.after(), PAGE));
    if (!page.isEmpty()) {
      synchronized (pages) {
        pages.put(position, page);
      }
    }
    TimeUnit.NANOSECONDS.sleep(PAUSE_FACTOR * (System.nanoTime() - begin));
    return page;
  }
}
