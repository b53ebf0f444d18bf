package io.trainyard.job.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The events that the streams of one job get. */
@Timeout(20)
class EventFeedTest {
  private static final Duration LIMIT = Duration.ofMillis(20);

  private final EventFeed feed = new EventFeed();

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
    feed.startAfter(3);
    feed.add(batch(4, 6));
    AtomicInteger encoded = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      EventBatch next = feed.await(3, LIMIT);
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
    feed.startAfter(3);
    feed.add(batch(4, 6));
    feed.add(batch(7, 9));
    assertThat(feed.await(4, LIMIT)).satisfies(next -> assertThat(ids(next)).containsExactly(5, 6));
    assertThat(feed.await(6, LIMIT))
        .satisfies(next -> assertThat(ids(next)).containsExactly(7, 8, 9));
    assertThat(feed.await(9, LIMIT)).isSameAs(EventBatch.EMPTY);
    assertThat(feed.await(2, LIMIT)).as("no longer in memory").isNull();
  }

  @Test
  void onlyTheNewestEventsStayInMemory() throws Exception {
    feed.startAfter(0);
    for (int from = 1; from < 5_000; from += 500) {
      feed.add(batch(from, from + 499));
    }
    assertThat(feed.await(0, LIMIT)).isNull();
    assertThat(feed.await(3_999, LIMIT)).as("before the oldest in memory").isNull();
    assertThat(feed.await(4_000, LIMIT)).isNotNull();
  }
}
