package io.trainyard.job.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.TestJobs;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The events that the streams of one job get. */
@Timeout(20)
class EventFeedTest {
  private static final Duration LIMIT = Duration.ofMillis(20);

  private final AtomicLong now = new AtomicLong();
  private final EventFeed feed = new EventFeed(now::get);

  private static EventBatch batch(int from, int to) {
    return new EventBatch(
        IntStream.rangeClosed(from, to)
            .mapToObj(id -> (JobEvent) new JobEvent.Logged(id, "info", ""))
            .toList());
  }

  private static List<Integer> ids(EventBatch batch) {
    return batch.events().stream().map(JobEvent::id).toList();
  }

  @Test
  void streamsAtTheSamePositionShareTheirBytes() throws Exception {
    feed.startAfter(3, false);
    feed.add(batch(4, 6));
    AtomicInteger encoded = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      EventBatch next = feed.await(3, 0, LIMIT);
      assertThat(next).isNotNull();
      if (next != null) {
        next.bytes(
            events -> {
              encoded.incrementAndGet();
              return new byte[events.size()];
            });
      }
    }
    assertThat(encoded).hasValue(1);
  }

  @Test
  void streamThatFellBehindGetsWhatItMissed() throws Exception {
    feed.startAfter(3, false);
    feed.add(batch(4, 6));
    feed.add(batch(7, 9));
    assertThat(feed.await(4, 0, LIMIT))
        .satisfies(next -> assertThat(ids(next)).containsExactly(5, 6));
    assertThat(feed.await(6, 0, LIMIT))
        .satisfies(next -> assertThat(ids(next)).containsExactly(7, 8, 9));
    assertThat(feed.await(9, 0, LIMIT)).isSameAs(EventBatch.EMPTY);
    assertThat(feed.await(2, 0, LIMIT)).as("no longer in memory").isNull();
  }

  @Test
  void onlyTheNewestEventsStayInMemory() throws Exception {
    feed.startAfter(0, false);
    for (int from = 1; from < 5_000; from += 500) {
      feed.add(batch(from, from + 499));
    }
    assertThat(feed.await(0, 0, LIMIT)).isNull();
    assertThat(feed.await(3_999, 0, LIMIT)).as("before the oldest in memory").isNull();
    assertThat(feed.await(4_000, 0, LIMIT)).isNotNull();
  }

  private static Progress step(int epoch, int step) {
    return new Progress("", epoch, 5, step, 100, (epoch - 1 + step / 100.0) / 5, 3, 100);
  }

  private void pass(double seconds) {
    now.addAndGet((long) (seconds * 1e9));
  }

  @Test
  void progressIsToldOnceASecondWithinAnEpoch() throws Exception {
    feed.startAfter(3, false);
    pass(0.5);
    feed.tell(step(1, 10));
    assertThat(feed.await(3, 0, LIMIT)).as("too soon").isSameAs(EventBatch.EMPTY);
    pass(0.5);
    feed.tell(step(1, 20));
    EventBatch told = feed.await(3, 0, LIMIT);
    assertThat(told).isNotNull();
    if (told != null) {
      assertThat(told.progress()).isEqualTo(step(1, 20));
      assertThat(told.isEmpty()).as("it has no number").isTrue();
      assertThat(feed.await(3, told.told(), LIMIT)).isSameAs(EventBatch.EMPTY);
    }
    pass(1.5);
    feed.tell(step(1, 20));
    assertThat(feed.await(3, 1, LIMIT)).as("nothing is new").isSameAs(EventBatch.EMPTY);
    assertThat(feed.told()).isEqualTo(1);
  }

  @Test
  void whatAnEventTellsIsNotToldAgain() throws Exception {
    feed.startAfter(3, false);
    EpochRecord record = TestJobs.record(1);
    feed.add(new EventBatch(List.of(new JobEvent.EpochEnded(4, record, step(1, 100)))));
    pass(2);
    feed.tell(step(1, 100));
    assertThat(feed.await(4, 0, LIMIT)).isSameAs(EventBatch.EMPTY);
    feed.tell(step(2, 1));
    assertThat(feed.await(3, 0, LIMIT))
        .as("events come first")
        .satisfies(next -> assertThat(ids(next)).containsExactly(4));
    assertThat(feed.await(4, 0, LIMIT))
        .satisfies(next -> assertThat(next.progress()).isEqualTo(step(2, 1)));
  }
}
