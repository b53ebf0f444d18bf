package io.trainyard.access;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of places. One address holds at most as many as it leaves free: who opens all
 * that it can gets a half, and two such addresses get a third each. An eighth is for addresses that
 * hold none, so that those who come one after the other leave a place for another one. Proxies are
 * exempt from this.
 *
 * <p>Without a lock, because every request passes here: when the thread that holds a lock is not
 * scheduled, thousands of requests queue at it, and the lock passes from one to the next more
 * slowly than they come.
 */
public final class FairSlots {
  private static final int PARTS = 8;

  /** The count of an address that is being forgotten. */
  private static final int FORGOTTEN = -1;

  private final int most;
  private final Proxies proxies;

  /** Only addresses that hold one. */
  private final ConcurrentMap<String, AtomicInteger> byAddress = new ConcurrentHashMap<>();

  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();

  /** All free. */
  public FairSlots(int most, Proxies proxies) {
    this.most = most;
    this.proxies = proxies;
  }

  /** All free, for callers who are told apart by what they say they are, not by addresses. */
  public FairSlots(int most) {
    this(most, new Proxies(new ProxyProperties(List.of())));
  }

  /** Shows the places in the metrics, under the name of what they are for. */
  public FairSlots measured(String pool, MeterRegistry meters) {
    Gauge.builder("trainyard.http.places", this, FairSlots::most)
        .description("The most requests that a pool answers, or has connections open, at once")
        .tag("pool", pool)
        .register(meters);
    Gauge.builder("trainyard.http.places.taken", this, FairSlots::taken)
        .description(
            "Requests under way by pool: all of them without the watchers, the others that predict"
                + " nothing, and the watchers: event streams and waits for the end of a job; open"
                + " connections of HTTP and of gRPC")
        .tag("pool", pool)
        .register(meters);
    FunctionCounter.builder("trainyard.http.places.refused", refused, AtomicLong::doubleValue)
        .description("Requests and connections that found no place in their pool")
        .tag("pool", pool)
        .register(meters);
    return this;
  }

  /** A place that is held; closed when it is free again. */
  public interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /** The most that are held at once. */
  public int most() {
    return most;
  }

  /** How many are held. */
  public int taken() {
    return taken.get();
  }

  /** How many one address holds. */
  public int taken(InetAddress address) {
    return takenAs(Proxies.counted(address));
  }

  /** How many one caller holds, who is told apart by this text. */
  public int takenAs(String caller) {
    AtomicInteger held = byAddress.get(caller);
    return held == null ? 0 : Math.max(0, held.get());
  }

  /**
   * Takes a place.
   *
   * @param address the other end of the connection; null when unknown
   * @return null when there is none for it
   */
  public @Nullable Place take(@Nullable InetAddress address) {
    return takeAs(address == null || proxies.has(address) ? null : Proxies.counted(address), true);
  }

  /** As {@link #take}, for an address as text. */
  public @Nullable Place takeFor(@Nullable String address) {
    return takeAs(key(address), true);
  }

  /** As {@link #take}, for a caller who is told apart by this text, as {@link Identity#counted}. */
  public @Nullable Place takeAs(String caller) {
    return takeAs(caller, true);
  }

  /** As {@link #takeFor}, but one address may hold all but the eighth. */
  public @Nullable Place takeMostFor(@Nullable String address) {
    return takeAs(key(address), false);
  }

  private @Nullable String key(@Nullable String address) {
    return address == null || proxies.isProxy(address) ? null : Proxies.counted(address);
  }

  private @Nullable Place takeAs(@Nullable String key, boolean leavesAsMany) {
    int held = key == null ? 0 : hold(key);
    int now;
    do {
      now = taken.get();
      boolean full = now >= most || (held > 0 && now >= most - most / PARTS);
      if (full || (leavesAsMany && held >= most - now)) {
        release(key);
        refused.getAndIncrement();
        return null;
      }
    } while (!taken.compareAndSet(now, now + 1));
    AtomicBoolean isHeld = new AtomicBoolean(true);
    return () -> {
      if (isHeld.compareAndSet(true, false)) {
        taken.getAndDecrement();
        release(key);
      }
    };
  }

  /** Counts one more for an address; returns how many it held before. */
  private int hold(String key) {
    while (true) {
      AtomicInteger count = byAddress.get(key);
      if (count == null) {
        count = byAddress.computeIfAbsent(key, _ -> new AtomicInteger());
      }
      int held = count.get();
      if (held == FORGOTTEN) {
        byAddress.remove(key, count);
      } else if (count.compareAndSet(held, held + 1)) {
        return held;
      }
    }
  }

  private void release(@Nullable String key) {
    AtomicInteger count = key == null ? null : byAddress.get(key);
    if (count != null && count.decrementAndGet() == 0 && count.compareAndSet(0, FORGOTTEN)) {
      byAddress.remove(key, count);
    }
  }
}
