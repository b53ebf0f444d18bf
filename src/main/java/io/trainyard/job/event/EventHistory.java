package io.trainyard.job.event;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.trainyard.job.JobStore;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Past events, for those who come late or fall behind: one read at a time, and no sooner than four
 * times as long after a read as that took. So however many ask, it takes a fifth of a core at most.
 */
final class EventHistory {
  private static final int PAGE = 500;
  private static final int PAUSES = 4;
  private static final int KEPT = 32;
  private static final Duration UNREAD_FOR = Duration.ofMinutes(10);

  private final JobStore store;
  private final Semaphore turn = new Semaphore(1, true);

  /** The pages read last, for others who come to the same place; what happened does not change. */
  private final Cache<Place, EventBatch> pages =
      Caffeine.newBuilder()
          .maximumSize(KEPT)
          .expireAfterAccess(UNREAD_FOR)
          .executor(Runnable::run)
          .build();

  private record Place(String job, int after) {}

  EventHistory(JobStore store) {
    this.store = store;
  }

  /** The events after one; none when the turn did not come in time. */
  EventBatch after(String job, int id, Duration limit) throws InterruptedException {
    Place place = new Place(job, id);
    EventBatch known = pages.getIfPresent(place);
    if (known != null || !turn.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return known == null ? EventBatch.NONE : known;
    }
    try {
      known = pages.getIfPresent(place);
      return known == null ? read(place) : known;
    } finally {
      turn.release();
    }
  }

  private EventBatch read(Place place) throws InterruptedException {
    long begin = System.nanoTime();
    EventBatch news = new EventBatch(store.events(place.job(), place.after(), PAGE));
    if (!news.isEmpty()) {
      pages.put(place, news);
    }
    TimeUnit.NANOSECONDS.sleep(PAUSES * (System.nanoTime() - begin));
    return news;
  }
}
