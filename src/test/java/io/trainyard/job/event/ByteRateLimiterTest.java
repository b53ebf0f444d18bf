package io.trainyard.job.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ByteRateLimiterTest {
  @Test
  void allSendersShareOneRate() {
    AtomicLong now = new AtomicLong();
    ByteRateLimiter limiter = new ByteRateLimiter(1_000_000, now::get);
    // The bytes of 250 ms can be sent at once, the rest at the rate.
    assertThat(limiter.reserve(250_000)).isZero();
    assertThat(limiter.reserve(500_000)).isZero();
    assertThat(limiter.reserve(1_000)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
    now.addAndGet(TimeUnit.SECONDS.toNanos(10));
    assertThat(limiter.reserve(250_000)).isZero();
  }
}
