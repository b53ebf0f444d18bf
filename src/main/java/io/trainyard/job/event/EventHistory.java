package io.trainyard.job.event;

import io.trainyard.job.JobStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Past events, for those who come late or fall behind: one read at a time, and no sooner than four
 * times as long after a read as that took. So however many ask, it takes a fifth of a core at most.
 */
final class EventHistory {
  private static final int PAGE = 500;
  private static final int PAUSES = 4;
  private static final int KEPT = 32;

  private final JobStore store;
  private final Semaphore turn = new Semaphore(1, true);

  /** The pages read last, for others who come to the same place; what happened does not change. */
  private final Map<Place, EventBatch> pages =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, EventBatch> eldest) {
          return size() > KEPT;
        }
      };

  private record Place(String job, int after) {}

  EventHistory(JobStore store) {
    this.store = store;
  }

  /** The events after one; none when the turn did not come in time. */
  EventBatch after(String job, int id, Duration limit) throws InterruptedException {
    Place place = new Place(job, id);
    EventBatch known = known(place);
    if (known != null || !turn.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return known == null ? EventBatch.NONE : known;
    }
    try {
      known = known(place);
      return known == null ? read(place) : known;
    } finally {
      turn.release();
    }
  }

  private @Nullable EventBatch known(Place place) {
    synchronized (pages) {
      return pages.get(place);
    }
  }

  private EventBatch read(Place place) throws InterruptedException {
    long begin = System.nanoTime();
    EventBatch news = new EventBatch(store.events(place.job(), place.after(), PAGE));
    if (!news.isEmpty()) {
      synchronized (pages) {
        pages.put(place, news);
      }
    }
    TimeUnit.NANOSECONDS.sleep(PAUSES * (System.nanoTime() - begin));
    return news;
  }
}
