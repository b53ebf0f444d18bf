package io.trainyard.job.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.TestJobs;
import io.trainyard.job.process.Supervision;
import io.trainyard.train.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Watchers of jobs that have no events yet, at most 8. */
class JobEventsTest {
  private final Job job = TestJobs.queued();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final JobEvents events =
      new JobEvents(
          new Nothing(), new EventProperties(8), new JobNotices(Supervision.none()), meters);

  private static final class Nothing implements EventStore {
    @Override
    public List<JobEvent> events(String job, int after, int limit) {
      return List.of();
    }

    @Override
    public Map<String, Head> heads(Collection<String> jobs) {
      return Map.of();
    }
  }

  @BeforeEach
  void start() {
    events.start();
  }

  @AfterEach
  void stop() {
    events.stop();
  }

  private JobEvents.Stream open(String address) {
    return Identity.nobody().from(address).call(() -> events.open(job, 0));
  }

  private @Nullable ErrorCode refusal(String address) {
    ServiceException refused =
        catchThrowableOfType(ServiceException.class, () -> open(address).close());
    return refused == null ? null : refused.code();
  }

  @Test
  void oneCallerLeavesAsManyStreamsAsItHas() {
    List<JobEvents.Stream> greedy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      greedy.add(open("greedy"));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(refusal("greedy")).isEqualTo(ErrorCode.RATE_LIMITED);
    }
    assertThat(refusal("other")).isNull();
    greedy.removeLast().close();
    assertThat(refusal("greedy")).isNull();
  }

  /** One has told its end, and the other one will never tell it. */
  @Test
  @Timeout(30)
  void streamOfSeveralEndsWhenOneIsDeleted() throws InterruptedException {
    Job done = TestJobs.queued();
    Job deleted = TestJobs.queued();
    JobEvents several =
        new JobEvents(
            new Ended(done.id()),
            new EventProperties(8),
            new JobNotices(Supervision.none()),
            new SimpleMeterRegistry());
    several.start();
    try (JobEvents.Streams streams =
        Identity.service().call(() -> several.open(Map.of(done, 0, deleted, 0)))) {
      Identity.service()
          .call(
              () -> {
                JobEvents.Streams.Next next =
                    Objects.requireNonNull(streams.next(Duration.ofSeconds(10)));
                assertThat(next.job()).isEqualTo(done);
                while (!streams.ended()) {
                  assertThat(streams.next(Duration.ofMillis(100))).isNull();
                }
                return true;
              });
    } finally {
      several.stop();
    }
  }

  /** A job has ended, and there is no other one. */
  private record Ended(String id) implements EventStore {
    @Override
    public List<JobEvent> events(String job, int after, int limit) {
      return job.equals(id) && after == 0 ? List.of(new JobEvent.Done(1)) : List.of();
    }

    @Override
    public Map<String, Head> heads(Collection<String> jobs) {
      return jobs.contains(id) ? Map.of(id, new Head(1, null)) : Map.of();
    }
  }

  /** Its events come faster than one who waits could read them. */
  @Test
  @Timeout(30)
  void waitForTheEndReadsNoEvents() throws Exception {
    Fast fast = new Fast();
    JobEvents many =
        new JobEvents(
            fast,
            new EventProperties(8),
            new JobNotices(Supervision.none()),
            new SimpleMeterRegistry());
    many.start();
    try {
      Identity.service()
          .call(
              () -> {
                many.awaitEnd(job, Duration.ofMinutes(1));
                return true;
              });
      assertThat(fast.last.get()).as("until the end").isGreaterThanOrEqualTo(Fast.END);
      assertThat(fast.readers).containsExactly("job-events");
      // One who comes after the end, of whom the job was seen unfinished before.
      Identity.service()
          .call(
              () -> {
                many.awaitEnd(job, Duration.ofMinutes(1));
                return true;
              });
    } finally {
      many.stop();
    }
  }

  /** A job that has 2,000 more epochs each time that it is looked at, and an end. */
  private static final class Fast implements EventStore {
    private static final int END = 6_001;
    private final AtomicInteger last = new AtomicInteger(1);
    private final Set<String> readers = ConcurrentHashMap.newKeySet();

    @Override
    public List<JobEvent> events(String job, int after, int limit) {
      readers.add(Thread.currentThread().getName());
      List<JobEvent> events = new ArrayList<>();
      for (int id = after + 1; id <= Math.min(last.get(), after + limit); id++) {
        events.add(id < END ? new JobEvent.Logged(id, "info", "epoch") : new JobEvent.Done(id));
      }
      return events;
    }

    @Override
    public Map<String, Head> heads(Collection<String> jobs) {
      int now = last.updateAndGet(before -> Math.min(END, before + 2_000));
      return jobs.stream().collect(Collectors.toMap(job -> job, _ -> new Head(now, null)));
    }
  }

  @Test
  void callersWhoTakeAllTheyCanLeaveAStreamForOneWithout() {
    for (String greedy : List.of("a", "b", "c")) {
      for (int i = 0; i < 8; i++) {
        var _ = catchThrowableOfType(ServiceException.class, () -> open(greedy));
      }
    }
    assertThat(refusal("other")).isNull();
  }

  @Test
  void moreStreamsThanThereMayBeAreRefusedAndCounted() {
    for (int i = 0; i < 8; i++) {
      var _ = open("caller " + i);
    }
    ServiceException refused = catchThrowableOfType(ServiceException.class, () -> open("another"));
    assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(5));
    assertThat(refused.detail()).contains("8 callers", "trainyard.http.max-watchers");
    assertThat(meters.get("trainyard.http.places").tag("pool", "watchers").gauge().value())
        .isEqualTo(8);
    assertThat(meters.get("trainyard.http.places.taken").tag("pool", "watchers").gauge().value())
        .isEqualTo(8);
    assertThat(
            meters
                .get("trainyard.http.places.refused")
                .tag("pool", "watchers")
                .functionCounter()
                .count())
        .isEqualTo(1);
  }

  /** A job that tells what the test says. */
  private static final class Told implements EventStore {
    private final AtomicInteger last = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile @Nullable Progress progress;
    private volatile Set<String> broken = Set.of();

    @Override
    public List<JobEvent> events(String job, int after, int limit) {
      if (broken.contains(job)) {
        throw new IllegalStateException("its events cannot be read");
      }
      return IntStream.rangeClosed(after + 1, Math.min(last.get(), after + limit))
          .<JobEvent>mapToObj(id -> new JobEvent.Logged(id, "info", "news"))
          .toList();
    }

    @Override
    public Map<String, Head> heads(Collection<String> jobs) {
      looks.incrementAndGet();
      return jobs.stream()
          .collect(Collectors.toMap(job -> job, _ -> new Head(last.get(), progress)));
    }
  }

  private void following(Told told, Following test) throws Exception {
    JobNotices notices = new JobNotices(Supervision.none());
    JobEvents some =
        new JobEvents(told, new EventProperties(8), notices, new SimpleMeterRegistry());
    some.start();
    try (JobEvents.Stream stream = Identity.service().call(() -> some.open(job, 0))) {
      Identity.service()
          .call(
              () -> {
                test.read(stream, notices);
                return true;
              });
    } finally {
      some.stop();
    }
  }

  private interface Following {
    void read(JobEvents.Stream stream, JobNotices notices) throws Exception;
  }

  @Test
  @Timeout(30)
  void aJobWhoseEventsCannotBeReadDoesNotSilenceAnother() throws Exception {
    Told told = new Told();
    told.last.set(1);
    List<Job> broken = IntStream.range(0, 20).mapToObj(_ -> TestJobs.queued()).toList();
    told.broken = broken.stream().map(Job::id).collect(Collectors.toSet());
    JobEvents some =
        new JobEvents(
            told,
            new EventProperties(100),
            new JobNotices(Supervision.none()),
            new SimpleMeterRegistry());
    some.start();
    List<JobEvents.Stream> silent = new ArrayList<>();
    try {
      for (Job each : broken) {
        silent.add(Identity.service().call(() -> some.open(each, 1)));
      }
      try (JobEvents.Stream stream = Identity.service().call(() -> some.open(job, 1))) {
        while (told.looks.get() < 2) {
          Thread.sleep(1);
        }
        told.last.set(2);
        assertThat(next(stream).events()).containsExactly(new JobEvent.Logged(2, "info", "news"));
      }
    } finally {
      silent.forEach(JobEvents.Stream::close);
      some.stop();
    }
  }

  private static EventBatch next(JobEvents.Stream stream) throws Exception {
    return Identity.service().call(() -> stream.next(Duration.ofSeconds(10)));
  }

  @Test
  void theNumberOfTheNewestEventIsAskedWithoutAStream() {
    JobEvents one =
        new JobEvents(
            new Ended(job.id()),
            new EventProperties(8),
            new JobNotices(Supervision.none()),
            new SimpleMeterRegistry());
    assertThat(one.last(job.id())).isEqualTo(1);
    assertThat(one.last(TestJobs.queued().id())).isZero();
  }

  /** Others than those of this process come within a quarter of a second. */
  @Test
  @Timeout(30)
  void eventsOfThisProcessAreReadAtOnce() throws Exception {
    Told told = new Told();
    following(
        told,
        (stream, notices) -> {
          Duration fastest = Duration.ofSeconds(10);
          for (int i = 0; i < 5; i++) {
            int looks = told.looks.get();
            while (told.looks.get() == looks) {
              Thread.sleep(1);
            }
            long start = System.nanoTime();
            told.last.incrementAndGet();
            notices.changed(job.id());
            assertThat(stream.next(Duration.ofSeconds(10)).events()).hasSize(1);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            fastest = took.compareTo(fastest) < 0 ? took : fastest;
          }
          assertThat(fastest).isLessThan(Duration.ofMillis(150));
        });
  }

  @Test
  @Timeout(30)
  void aStreamHearsHowFarItsJobIsWithinAnEpoch() throws Exception {
    Told told = new Told();
    told.last.set(1);
    told.progress = TestJobs.progress(3);
    following(
        told,
        (stream, _) -> {
          assertThat(stream.next(Duration.ofSeconds(10)).events()).hasSize(1);
          EventBatch next = stream.next(Duration.ofSeconds(10));
          assertThat(next.events()).isEmpty();
          assertThat(next.progress()).isEqualTo(TestJobs.progress(3));
        });
  }
}
