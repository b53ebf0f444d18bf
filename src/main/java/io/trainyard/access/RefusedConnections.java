package io.trainyard.access;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs that connections are closed for want of a place, at most once a minute. Their callers see
 * only that: a connection that has sent nothing yet cannot be answered.
 */
public final class RefusedConnections {
  private static final Logger log = LoggerFactory.getLogger(RefusedConnections.class);
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private final FairSlots places;
  private final String settings;
  private final LongSupplier nanoTime;

  /** Since the last line. */
  private final AtomicLong refused = new AtomicLong();

  private final AtomicLong next;

  /**
   * No connections yet.
   *
   * @param settings what bounds the places, for the reader of the log
   */
  public RefusedConnections(FairSlots places, String settings) {
    this(places, settings, System::nanoTime);
  }

  RefusedConnections(FairSlots places, String settings, LongSupplier nanoTime) {
    this.places = places;
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.next = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * Notes one that got no place.
   *
   * @param address the other end; null when unknown
   */
  public void add(@Nullable InetAddress address) {
    refused.incrementAndGet();
    long now = nanoTime.getAsLong();
    long due = next.get();
    if (now - due < 0 || !next.compareAndSet(due, now + PAUSE.toNanos())) {
      return;
    }
    long count = refused.getAndSet(0);
    int held = address == null ? 0 : places.taken(address);
    boolean hasItsPart = held > 0 && held >= places.most() - places.taken();
    if (address == null || !hasItsPart || places.taken() == places.most()) {
      log.warn(
          "Connections are closed, {} since the last line: {} of {} are open ({})",
          count,
          places.taken(),
          places.most(),
          settings);
    } else {
      log.warn(
          "Connections are closed, {} since the last line, the last from {}: it has {} of {}, as"
              + " many as it leaves for others. If it is a proxy that sets X-Forwarded-For, name it"
              + " in trainyard.http.proxies; {} sets how many there are",
          count,
          address.getHostAddress(),
          held,
          places.most(),
          settings);
    }
  }
}
