package io.trainyard.dataset.prepare;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Encoded rows that several jobs train on at once, or one after the other. What nobody uses any
 * more is kept while it is small, oldest first to go.
 */
final class SharedRows {
  private final long idleLimit;
  private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  SharedRows(long idleLimit) {
    this.idleLimit = idleLimit;
  }

  private static final class Entry {
    private final CompletableFuture<PreparedData> data = new CompletableFuture<>();
    private int users;
    private long bytes;
  }

  /** The rows under a key, made by whoever comes first; each caller closes what it gets. */
  PreparedData get(String key, long bytes, Supplier<PreparedData> maker) {
    Entry entry;
    boolean first = false;
    synchronized (this) {
      entry = entries.get(key);
      if (entry == null) {
        entry = new Entry();
        entry.bytes = bytes;
        entries.put(key, entry);
        first = true;
      }
      entry.users++;
    }
    if (first) {
      make(key, entry, maker);
    }
    PreparedData made;
    try {
      made = entry.data.join();
    } catch (CompletionException e) {
      if (first && e.getCause() instanceof RuntimeException own) {
        throw own;
      }
      // Whoever made them was cancelled or failed; this caller makes its own.
      return maker.get();
    }
    return share(entry, made);
  }

  private void make(String key, Entry entry, Supplier<PreparedData> maker) {
    try {
      entry.data.complete(maker.get());
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        entries.remove(key, entry);
      }
      entry.data.completeExceptionally(e);
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  private PreparedData share(Entry entry, PreparedData made) {
    Runnable release =
        new Runnable() {
          private boolean released;

          @Override
          public synchronized void run() {
            if (!released) {
              released = true;
              release(entry);
            }
          }
        };
    return new PreparedData(
        made.training(), made.validation(), made.test(), made.encoding(), release);
  }

  private synchronized void release(Entry entry) {
    entry.users--;
    long idle = 0;
    for (Entry each : entries.values()) {
      idle += each.users == 0 ? each.bytes : 0;
    }
    var oldest = entries.values().iterator();
    while (idle > idleLimit && oldest.hasNext()) {
      Entry each = oldest.next();
      if (each.users == 0) {
        idle -= each.bytes;
        oldest.remove();
        each.data.join().close();
      }
    }
  }
}
