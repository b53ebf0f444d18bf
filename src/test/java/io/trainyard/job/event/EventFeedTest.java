package io.trainyard.job.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.JsonNodeFactory;

/** What watchers of one job are handed, and at what pace. */
@Timeout(20)
class EventFeedTest {
  private static final Duration NOT_LONG = Duration.ofMillis(20);

  private final EventFeed watch = new EventFeed();

  private static EventBatch news(int from, int to) {
    return new EventBatch(
        IntStream.rangeClosed(from, to)
            .mapToObj(id -> new JobEvent(id, "epoch", JsonNodeFactory.instance.objectNode()))
            .toList());
  }

  private static List<Integer> ids(EventBatch news) {
    return news.events().stream().map(JobEvent::id).toList();
  }

  @Test
  void watchersInStepShareTheirBytes() throws Exception {
    watch.begin(3);
    watch.add(news(4, 6));
    AtomicInteger encoded = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      EventBatch next = watch.await(3, NOT_LONG);
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
  void watcherOutOfStepGetsWhatItLacks() throws Exception {
    watch.begin(3);
    watch.add(news(4, 6));
    watch.add(news(7, 9));
    assertThat(watch.await(4, NOT_LONG))
        .satisfies(next -> assertThat(ids(next)).containsExactly(5, 6));
    assertThat(watch.await(6, NOT_LONG))
        .satisfies(next -> assertThat(ids(next)).containsExactly(7, 8, 9));
    assertThat(watch.await(9, NOT_LONG)).isSameAs(EventBatch.NONE);
    assertThat(watch.await(2, NOT_LONG)).as("not kept").isNull();
  }

  @Test
  void onlyTheNewestAreKept() throws Exception {
    watch.begin(0);
    for (int from = 1; from < 5_000; from += 500) {
      watch.add(news(from, from + 499));
    }
    assertThat(watch.await(0, NOT_LONG)).isNull();
    assertThat(watch.await(3_999, NOT_LONG)).as("before the oldest kept").isNull();
    assertThat(watch.await(4_000, NOT_LONG)).isNotNull();
  }

  @Test
  void sendersShareTheirBandwidth() {
    AtomicLong now = new AtomicLong();
    ByteRateLimiter bandwidth = new ByteRateLimiter(1_000_000, now::get);
    // A quarter of a second's worth goes at once, the rest at the rate.
    assertThat(bandwidth.reserve(250_000)).isZero();
    assertThat(bandwidth.reserve(500_000)).isZero();
    assertThat(bandwidth.reserve(1_000)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
    now.addAndGet(TimeUnit.SECONDS.toNanos(10));
    assertThat(bandwidth.reserve(250_000)).isZero();
  }
}
