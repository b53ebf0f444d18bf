package io.trainyard.job.event;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** So many bytes a second for all who share it, so that sending leaves the processor to others. */
final class ByteRateLimiter {
  /** What may be sent at once after a quiet time. */
  private static final Duration BURST = Duration.ofMillis(250);

  private final double nanosPerByte;
  private final LongSupplier nanoTime;
  private long free;

  ByteRateLimiter(long bytesPerSecond, LongSupplier nanoTime) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
    this.nanoTime = nanoTime;
    this.free = nanoTime.getAsLong() - BURST.toNanos();
  }

  /** Waits until so many bytes may be sent. */
  void await(int bytes) throws InterruptedException {
    long wait = reserve(bytes);
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    }
  }

  /** Takes room for so many bytes, and says how long to wait for it. */
  synchronized long reserve(int bytes) {
    long now = nanoTime.getAsLong();
    free = Math.max(free, now - BURST.toNanos());
    long wait = Math.max(0, free - now);
    free += (long) (bytes * nanosPerByte);
    return wait;
  }
}
