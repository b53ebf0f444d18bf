package io.trainyard.access;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of places. One address holds at most as many as it leaves free: who opens all
 * that it can gets a half, and two such addresses get a third each. An eighth is for addresses that
 * hold none, so that those who come one after the other leave a place for another one. Proxies are
 * exempt from this.
 */
public final class Places {
  private static final int PARTS = 8;

  private final int most;
  private final Proxies proxies;

  // Guarded by this.
  private final Map<String, Integer> byAddress = new HashMap<>();
  private int taken;

  /** All free. */
  public Places(int most, Proxies proxies) {
    this.most = most;
    this.proxies = proxies;
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
  public synchronized int taken() {
    return taken;
  }

  /** How many one address holds. */
  public synchronized int taken(InetAddress address) {
    return byAddress.getOrDefault(Proxies.counted(address), 0);
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

  /** As {@link #takeFor}, but one address may hold all but the eighth. */
  public @Nullable Place takeMostFor(@Nullable String address) {
    return takeAs(key(address), false);
  }

  private @Nullable String key(@Nullable String address) {
    return address == null || proxies.isProxy(address) ? null : Proxies.counted(address);
  }

  private synchronized @Nullable Place takeAs(@Nullable String key, boolean leavesAsMany) {
    int held = key == null ? 0 : byAddress.getOrDefault(key, 0);
    boolean full = taken >= most || (held > 0 && taken >= most - most / PARTS);
    if (full || (leavesAsMany && held >= most - taken)) {
      return null;
    }
    taken++;
    if (key != null) {
      byAddress.put(key, held + 1);
    }
    AtomicBoolean isHeld = new AtomicBoolean(true);
    return () -> {
      if (isHeld.compareAndSet(true, false)) {
        giveBack(key);
      }
    };
  }

  private synchronized void giveBack(@Nullable String key) {
    taken--;
    if (key != null) {
      byAddress.computeIfPresent(key, (_, held) -> held == 1 ? null : held - 1);
    }
  }
}
