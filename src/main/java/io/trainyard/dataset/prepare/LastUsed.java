package io.trainyard.dataset.prepare;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Keeps what was used last. Two threads may make the same value at once; either is kept. */
final class LastUsed<K, V> {
  private final int most;
  private final long room;
  private final ToLongFunction<V> size;
  private final Map<K, V> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long used;

  /**
   * Nothing yet.
   *
   * @param most the number of values that are kept
   * @param room the sum of their sizes
   */
  LastUsed(int most, long room, ToLongFunction<V> size) {
    this.most = most;
    this.room = room;
    this.size = size;
  }

  V get(K key, Supplier<V> maker) {
    synchronized (this) {
      V known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    V made = maker.get();
    if (size.applyAsLong(made) <= room) {
      keep(key, made);
    }
    return made;
  }

  private synchronized void keep(K key, V made) {
    V twin = kept.put(key, made);
    used += size.applyAsLong(made) - (twin == null ? 0 : size.applyAsLong(twin));
    for (var oldest = kept.values().iterator(); kept.size() > most || used > room; ) {
      used -= size.applyAsLong(oldest.next());
      oldest.remove();
    }
  }
}
