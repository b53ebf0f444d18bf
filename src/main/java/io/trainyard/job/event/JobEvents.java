package io.trainyard.job.event;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.JobStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Events of jobs, whichever process they happen in. However many watch, one query every quarter of
 * a second asks which of the watched jobs have news; each job's news are read once.
 */
@Component
public final class JobEvents implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(JobEvents.class);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final int PAGE = 500;
  private static final int MAX_STREAMS = 5_000;
  private static final long BYTES_PER_SECOND = 32_000_000;

  private final JobStore store;
  private final EventHistory history;
  private final ByteRateLimiter bandwidth = new ByteRateLimiter(BYTES_PER_SECOND, System::nanoTime);
  private final Map<String, EventFeed> watches = new ConcurrentHashMap<>();
  private final AtomicInteger streams = new AtomicInteger();
  private @Nullable ScheduledExecutorService reader;
  private volatile boolean running;

  JobEvents(JobStore store) {
    this.store = store;
    this.history = new EventHistory(store);
  }

  /** Events of one job, one after the other; closed by whoever reads it. */
  public final class Stream implements AutoCloseable {
    private final String job;
    private final EventFeed watch;
    private int last;

    private Stream(String job, EventFeed watch, int after) {
      this.job = job;
      this.watch = watch;
      this.last = after;
    }

    /**
     * The next events; waits for some.
     *
     * @return none when nothing happened in time
     */
    public EventBatch next(Duration limit) throws InterruptedException {
      EventBatch news = watch.await(last, limit);
      if (news == null) {
        news = history.after(job, last, limit);
      }
      if (!news.isEmpty()) {
        last = news.last();
      }
      return news;
    }

    /** Waits until so many bytes may be sent beside what others are sent. */
    public void pace(int bytes) throws InterruptedException {
      bandwidth.await(bytes);
    }

    /** Whether there will be no more because this process ends or the job was deleted. */
    public boolean ended() {
      return !running || watch.ended();
    }

    @Override
    public void close() {
      streams.decrementAndGet();
      watches.computeIfPresent(job, (_, open) -> open.left() == 0 ? null : open);
    }
  }

  /**
   * Opens a stream of what happens to a job after an event, or from the first with 0.
   *
   * @throws ServiceException UNAVAILABLE when as many are open as may be
   */
  public Stream open(String job, int after) {
    if (streams.incrementAndGet() > MAX_STREAMS || !running) {
      streams.decrementAndGet();
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "As many event streams are open as may be; try again later");
    }
    EventFeed watch =
        watches.compute(
            job,
            (_, open) -> {
              EventFeed entered = open == null ? new EventFeed() : open;
              entered.entered();
              return entered;
            });
    return new Stream(job, watch, after);
  }

  private void read() {
    if (watches.isEmpty()) {
      return;
    }
    try {
      List<String> watched = new ArrayList<>(watches.keySet());
      for (int from = 0; from < watched.size(); from += PAGE) {
        List<String> some = watched.subList(from, Math.min(from + PAGE, watched.size()));
        Map<String, Integer> heads = store.lastEvents(some);
        some.forEach(job -> read(job, heads.getOrDefault(job, -1)));
      }
    } catch (RuntimeException e) {
      log.debug("The events of jobs are read later: {}", e.toString());
    }
  }

  private void read(String job, int head) {
    EventFeed watch = watches.get(job);
    if (watch == null) {
      return;
    }
    if (head < 0) {
      watch.end();
      return;
    }
    if (watch.isNew()) {
      // Streams read what was before from the store, each from its own place.
      watch.begin(head);
    }
    while (watch.head() < head) {
      List<JobEvent> events = store.events(job, watch.head(), PAGE);
      if (events.isEmpty()) {
        return;
      }
      watch.add(new EventBatch(events));
    }
  }

  @Override
  public void start() {
    running = true;
    ScheduledExecutorService begun =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("job-events").factory());
    reader = begun;
    var _ =
        begun.scheduleWithFixedDelay(
            this::read, PAUSE.toMillis(), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends all streams, so that the server need not wait for them. */
  @Override
  public void stop() {
    running = false;
    if (reader != null) {
      reader.shutdownNow();
    }
    watches.values().forEach(EventFeed::end);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
