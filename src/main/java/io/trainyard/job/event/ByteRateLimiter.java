package io.trainyard.job.event;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Limits the bytes per second of all senders together, so that sending leaves CPU time. */
final class ByteRateLimiter {
  /** After a pause, the bytes of this time can be sent at once. */
  private static final Duration BURST = Duration.ofMillis(250);

  private final double nanosPerByte;
  private final LongSupplier nanoTime;

  /** The time at which everything reserved so far has been sent. */
  private long idleAt;

  ByteRateLimiter(long bytesPerSecond, LongSupplier nanoTime) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
    this.nanoTime = nanoTime;
    this.idleAt = nanoTime.getAsLong() - BURST.toNanos();
  }

  /** Waits until these bytes may be sent. */
  void await(int bytes) throws InterruptedException {
    long wait = reserve(bytes);
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    }
  }

  /** Reserves the time to send these bytes, and gives the nanoseconds to wait before. */
  synchronized long reserve(int bytes) {
    long now = nanoTime.getAsLong();
    idleAt = Math.max(idleAt, now - BURST.toNanos());
    long wait = Math.max(0, idleAt - now);
    idleAt += (long) (bytes * nanosPerByte);
    return wait;
  }
}
