package io.trainyard.access;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of places, of which one address holds at most a part: who opens all that it can
 * refuses only itself. Proxies are exempt from the part.
 */
public final class Places {
  private final int most;
  private final int mostOfOne;
  private final Proxies proxies;
  private final AtomicInteger taken = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> byAddress = new ConcurrentHashMap<>();

  /**
   * All free.
   *
   * @param mostOfOne the most places of one address
   */
  public Places(int most, int mostOfOne, Proxies proxies) {
    this.most = most;
    this.mostOfOne = mostOfOne;
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
  public int taken() {
    return taken.get();
  }

  /** How many one address holds. */
  public int taken(InetAddress address) {
    return byAddress.getOrDefault(Proxies.counted(address), 0);
  }

  /**
   * Takes a place.
   *
   * @param address the other end of the connection; null when unknown
   * @return null when there is none for it
   */
  public @Nullable Place take(@Nullable InetAddress address) {
    if (taken.incrementAndGet() > most) {
      taken.decrementAndGet();
      return null;
    }
    if (address == null || proxies.has(address)) {
      return once(taken::decrementAndGet);
    }
    String key = Proxies.counted(address);
    if (byAddress.merge(key, 1, Integer::sum) > mostOfOne) {
      giveBack(key);
      return null;
    }
    return once(() -> giveBack(key));
  }

  private void giveBack(String key) {
    byAddress.computeIfPresent(key, (_, held) -> held == 1 ? null : held - 1);
    taken.decrementAndGet();
  }

  private static Place once(Runnable release) {
    AtomicBoolean held = new AtomicBoolean(true);
    return () -> {
      if (held.compareAndSet(true, false)) {
        release.run();
      }
    };
  }
}
