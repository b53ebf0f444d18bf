package io.trainyard.job.event;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.access.FairSlots;
import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.os.PeriodicTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Streams of job events, from all processes. Four times a second, one query finds the watched jobs
 * with new events, however many streams watch them; the new events of a job are read once. Those
 * that this process or one of its workers stores are read at once.
 */
@Component
public final class JobEvents implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(JobEvents.class);

  /** How often a stream asks whether its caller may still read it. */
  private static final Duration ASKS_AGAIN = Duration.ofSeconds(1);

  private static final Duration PAUSE = Duration.ofMillis(250);

  /** When a place may be free: a wait lasts a minute at most, and jobs end all the time. */
  private static final Duration RETRY = Duration.ofSeconds(5);

  private static final int PAGE = 500;
  private static final long BYTES_PER_SECOND = 32_000_000;

  private final EventStore store;
  private final EventHistory history;

  /** Of streams and of requests that wait: they hold none of those that are answered at once. */
  private final FairSlots places;

  private final ByteRateLimiter limiter = new ByteRateLimiter(BYTES_PER_SECOND, System::nanoTime);
  private final Map<String, EventFeed> feeds = new ConcurrentHashMap<>();

  /** Jobs that have changed and are to be read at once. */
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  private volatile @Nullable ScheduledExecutorService reader;
  private volatile boolean running;

  JobEvents(
      EventStore store, EventProperties properties, JobNotices notices, MeterRegistry meters) {
    this.store = store;
    this.places = new FairSlots(properties.maxWatchers()).measured("watchers", meters);
    this.history = new EventHistory(store);
    notices.onChange(this::readSoon);
  }

  /** The events of one job in order. Its reader closes it. */
  public final class Stream implements AutoCloseable {
    private final FairSlots.Place place;
    private final Job job;
    private final EventFeed feed;
    private int last;
    private int heard;

    /** Whether its last event was given. */
    private boolean done;

    private Stream(FairSlots.Place place, Job job, EventFeed feed, int after) {
      this.place = place;
      this.job = job;
      this.feed = feed;
      this.last = after;
      this.heard = feed.told();
    }

    /**
     * Waits for the next events, or for progress within an epoch; empty when none came in time.
     *
     * @throws ServiceException when the caller may not read them any more
     */
    public EventBatch next(Duration limit) throws InterruptedException {
      long deadline = System.nanoTime() + limit.toNanos();
      while (true) {
        long left = deadline - System.nanoTime();
        EventBatch next = nextBefore(Duration.ofNanos(Math.min(left, ASKS_AGAIN.toNanos())));
        if (!job.isVisibleTo(Identity.again())) {
          throw Job.notFound(job.id());
        }
        if (!next.isEmpty() || next.progress() != null || left <= ASKS_AGAIN.toNanos() || ended()) {
          return next;
        }
      }
    }

    private EventBatch nextBefore(Duration limit) throws InterruptedException {
      EventBatch next = feed.await(last, heard, limit);
      if (next == null) {
        next = history.after(job.id(), last, limit);
      }
      if (!next.isEmpty()) {
        last = next.last();
      } else if (next.progress() != null) {
        heard = next.told();
      }
      return next;
    }

    /** The next events; empty when there are none yet. */
    private EventBatch poll() throws InterruptedException {
      EventBatch next = feed.await(last, feed.told(), Duration.ZERO);
      if (next == null) {
        next = history.after(job.id(), last, ASKS_AGAIN);
      }
      if (!next.isEmpty()) {
        last = next.last();
        done = next.endsJob();
      }
      return next;
    }

    /** Waits until these bytes may be sent; all streams share one limit. */
    public void pace(int bytes) throws InterruptedException {
      limiter.await(bytes);
    }

    /** Whether no more events will come because this process stops or the job was deleted. */
    public boolean ended() {
      return !running || feed.ended();
    }

    @Override
    public void close() {
      place.close();
      leaveFeed(job);
    }
  }

  /** The events of several jobs, in the order in which they come. Its reader closes it. */
  public final class Streams implements AutoCloseable {
    private final FairSlots.Place place;
    private final Semaphore news = new Semaphore(0);
    private final Runnable watcher = news::release;
    private final List<Stream> parts;
    private int turn;

    private Streams(FairSlots.Place place, Map<Job, Integer> after) {
      this.place = place;
      this.parts =
          after.entrySet().stream()
              .map(each -> new Stream(place, each.getKey(), feed(each.getKey()), each.getValue()))
              .toList();
      parts.forEach(part -> part.feed.watch(watcher));
    }

    /** Events of one job, with it. */
    public record Next(Job job, EventBatch batch) {}

    /**
     * Waits for the next events of any of the jobs; null when none came in time.
     *
     * @throws ServiceException when the caller may not read all of them any more
     */
    public @Nullable Next next(Duration limit) throws InterruptedException {
      long deadline = System.nanoTime() + limit.toNanos();
      while (true) {
        news.drainPermits();
        Identity now = Identity.again();
        for (int i = 0; i < parts.size(); i++) {
          // Each job has its turn: one with many events does not hold up the others.
          Stream part = parts.get(Math.floorMod(turn++, parts.size()));
          if (part.done) {
            continue;
          }
          if (!part.job.isVisibleTo(now)) {
            throw Job.notFound(part.job.id());
          }
          EventBatch batch = part.poll();
          if (!batch.isEmpty()) {
            return new Next(part.job, batch);
          }
        }
        long left = Math.min(deadline - System.nanoTime(), ASKS_AGAIN.toNanos());
        if (left <= 0 || ended()) {
          return null;
        }
        var _ = news.tryAcquire(left, TimeUnit.NANOSECONDS);
      }
    }

    /** Waits until these bytes may be sent; all streams share one limit. */
    public void pace(int bytes) throws InterruptedException {
      limiter.await(bytes);
    }

    /** Whether no more events will come: each job has given its last one, or was deleted. */
    public boolean ended() {
      return parts.stream().allMatch(part -> part.done || part.ended());
    }

    @Override
    public void close() {
      place.close();
      for (Stream part : parts) {
        part.feed.unwatch(watcher);
        leaveFeed(part.job);
      }
    }
  }

  /** The number of a job's newest event; 0 when there is none. */
  public int last(String job) {
    EventStore.Head head = store.heads(List.of(job)).get(job);
    return head == null ? 0 : head.event();
  }

  /**
   * Opens a stream of the events after an event; 0 for all.
   *
   * @throws ServiceException UNAVAILABLE when too many streams are open; RATE_LIMITED when too many
   *     are this caller's
   */
  public Stream open(Job job, int after) {
    return new Stream(enter(), job, feed(job), after);
  }

  /**
   * As {@link #open}, of several jobs, which count as one stream.
   *
   * @param after an event of each
   */
  public Streams open(Map<Job, Integer> after) {
    return new Streams(enter(), after);
  }

  /** Takes a place for the caller, until the stream ends. */
  private FairSlots.Place enter() {
    String caller = Identity.current().counted();
    if (!running) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "This process stops; ask another one");
    }
    FairSlots.Place place = places.takeAs(caller);
    if (place != null) {
      return place;
    }
    int own = places.takenAs(caller);
    if (own > 0) {
      throw new ServiceException(
          ErrorCode.RATE_LIMITED,
          "This caller has %d streams of events and requests that wait for jobs, and others need the rest of the %d that there may be (trainyard.http.max-watchers); retry when one has ended, or ask without waiting"
              .formatted(own, places.most()),
          RETRY);
    }
    throw new ServiceException(
        ErrorCode.UNAVAILABLE,
        "%d callers watch jobs or wait for their end, the most there may be (trainyard.http.max-watchers); retry soon, or ask without waiting"
            .formatted(places.taken()),
        RETRY);
  }

  private EventFeed feed(Job job) {
    return feeds.compute(
        job.id(),
        (_, open) -> {
          EventFeed joined = open == null ? new EventFeed(System::nanoTime) : open;
          joined.join();
          return joined;
        });
  }

  private void leaveFeed(Job job) {
    feeds.computeIfPresent(job.id(), (_, open) -> open.leave() == 0 ? null : open);
  }

  /**
   * Waits until a job has ended, was deleted or this process stops. It reads no events: those of a
   * fast job may come faster than they are read again, and its end would be heard of late.
   *
   * @param job as it was found, unfinished
   * @throws ServiceException as {@link #open}; or when the caller may not see the job any more
   */
  public void awaitEnd(Job job, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    try (FairSlots.Place _ = enter()) {
      EventFeed feed = feed(job);
      try {
        boolean over = false;
        for (long left = limit.toNanos(); left > 0 && !over; left = deadline - System.nanoTime()) {
          over = feed.awaitEnd(Duration.ofNanos(Math.min(left, ASKS_AGAIN.toNanos()))) || !running;
          if (!job.isVisibleTo(Identity.again())) {
            throw Job.notFound(job.id());
          }
        }
      } finally {
        leaveFeed(job);
      }
    }
  }

  private void read() {
    read(new ArrayList<>(feeds.keySet()));
  }

  /** Reads the events of a job that has changed. A burst of changes is one read. */
  private void readSoon(String job) {
    ScheduledExecutorService executor = reader;
    if (running && executor != null && feeds.containsKey(job) && changed.add(job)) {
      try {
        executor.execute(this::readChanged);
      } catch (RejectedExecutionException e) {
        log.debug("The streams end");
      }
    }
  }

  private void readChanged() {
    List<String> jobs = new ArrayList<>(changed);
    jobs.forEach(changed::remove);
    read(jobs);
  }

  private void read(List<String> watched) {
    try {
      for (int from = 0; from < watched.size(); from += PAGE) {
        List<String> page = watched.subList(from, Math.min(from + PAGE, watched.size()));
        Map<String, EventStore.Head> heads = store.heads(page);
        page.forEach(job -> readAlone(job, heads.get(job)));
      }
    } catch (RuntimeException e) {
      log.debug("The events of jobs are read later: {}", e.toString());
    }
  }

  /** A job whose events cannot be read does not hold up the others. */
  private void readAlone(String job, EventStore.@Nullable Head head) {
    try {
      read(job, head);
    } catch (RuntimeException e) {
      log.debug("The events of job {} are read later: {}", job, e.toString());
    }
  }

  private void read(String job, EventStore.@Nullable Head head) {
    EventFeed feed = feeds.get(job);
    if (feed == null) {
      return;
    }
    if (head == null) {
      feed.end();
      return;
    }
    if (!feed.started()) {
      List<JobEvent> last = store.events(job, head.event() - 1, 1);
      feed.startAfter(head.event(), !last.isEmpty() && last.getLast() instanceof JobEvent.Done);
    }
    if (feed.head() == head.event() && head.progress() != null) {
      feed.tell(head.progress());
    }
    while (feed.head() < head.event()) {
      List<JobEvent> events = store.events(job, feed.head(), PAGE);
      if (events.isEmpty()) {
        return;
      }
      feed.add(new EventBatch(events));
    }
  }

  @Override
  public void start() {
    ScheduledExecutorService started = PeriodicTask.thread("job-events");
    reader = started;
    running = true;
    PeriodicTask.start(started, "events of jobs", PAUSE, PAUSE, this::read);
  }

  /** Ends all streams, so that the server doesn't wait for them. */
  @Override
  public void stop() {
    running = false;
    ScheduledExecutorService executor = reader;
    if (executor != null) {
      executor.shutdownNow();
    }
    feeds.values().forEach(EventFeed::end);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
