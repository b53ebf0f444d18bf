package io.trainyard.dataset.prepare;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Encoded rows that several jobs use, at once or one after the other. Unused rows are kept up to a
 * limit; the least recently used are freed first.
 */
final class SharedRows {
  /** How often a caller that waits for another one's rows asks whether it is cancelled. */
  private static final Duration CHECK = Duration.ofMillis(100);

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

  /**
   * The rows for a key. The first caller encodes them; each caller closes its result.
   *
   * @param cancelled asked while another caller encodes; when true, a {@link CancellationException}
   *     is thrown
   */
  PreparedData get(
      String key, long bytes, Supplier<PreparedData> encoder, BooleanSupplier cancelled) {
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
      encode(key, entry, encoder);
    }
    PreparedData data;
    try {
      data = await(entry, cancelled);
    } catch (ExecutionException e) {
      if (first && e.getCause() instanceof RuntimeException own) {
        throw own;
      }
      // The first caller was cancelled or failed; this one encodes for itself.
      return encoder.get();
    }
    return share(entry, data);
  }

  private PreparedData await(Entry entry, BooleanSupplier cancelled) throws ExecutionException {
    while (true) {
      try {
        return entry.data.get(CHECK.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        if (cancelled.getAsBoolean()) {
          release(entry);
          throw new CancellationException();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        release(entry);
        throw new CancellationException();
      }
    }
  }

  private void encode(String key, Entry entry, Supplier<PreparedData> encoder) {
    try {
      entry.data.complete(encoder.get());
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

  private PreparedData share(Entry entry, PreparedData data) {
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
        data.training(),
        data.validation(),
        data.test(),
        data.encoding(),
        data.numbers(),
        data.skipped(),
        data.withoutTarget(),
        release);
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
