package io.trainyard.job;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;

/** Ids that grow with time (RFC 9562, version 7): jobs sorted by id are sorted by age. */
public final class JobId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Clock clock;
  private long last;

  public JobId(Clock clock) {
    this.clock = clock;
  }

  /** Not greater than any id that was made at a time or later. */
  public static String firstAt(Instant time) {
    // An id is made a moment before the time of its job is read.
    long millis = Math.max(0, time.minusSeconds(1).toEpochMilli());
    return new UUID(millis << 16, 0).toString();
  }

  /** A new id, greater than all earlier ids of this object, even when the clock goes back. */
  public synchronized String next() {
    // The clock in milliseconds, and 12 bits that count within one.
    last = Math.max(last + 1, clock.millis() << 12);
    long high = (last >>> 12 << 16) | 0x7000 | (last & 0xfff);
    long low = (RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
