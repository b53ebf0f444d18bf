package io.trainyard.job;

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

  private final JobStore store;
  private final Semaphore turn = new Semaphore(1, true);

  EventHistory(JobStore store) {
    this.store = store;
  }

  /** The events after one; none when the turn did not come in time. */
  JobNews after(String job, int id, Duration limit) throws InterruptedException {
    if (!turn.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return JobNews.NONE;
    }
    try {
      long begin = System.nanoTime();
      JobNews news = new JobNews(store.events(job, id, PAGE));
      TimeUnit.NANOSECONDS.sleep(PAUSES * (System.nanoTime() - begin));
      return news;
    } finally {
      turn.release();
    }
  }
}
