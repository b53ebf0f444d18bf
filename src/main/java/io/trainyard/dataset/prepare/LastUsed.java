package io.trainyard.dataset.prepare;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Keeps what was used last. Two threads may make the same value at once; either is kept. */
final class LastUsed<K, V> {
  private final Map<K, V> kept;

  LastUsed(int most) {
    kept =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
          }
        };
  }

  V get(K key, Supplier<V> maker) {
    synchronized (this) {
      V known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    V made = maker.get();
    synchronized (this) {
      kept.put(key, made);
    }
    return made;
  }
}
