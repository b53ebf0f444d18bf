package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The versions in memory, limited in bytes; the least recently used one is evicted first. When many
 * callers ask for a version at the same time, it is loaded once.
 */
final class LoadedModels {
  private static final Logger log = LoggerFactory.getLogger(LoadedModels.class);

  private final VersionLoader loader;
  private final Consumer<LoadedModel> warmUp;
  private final Executor loading;
  private final long maxBytes;

  /** By version id, least recently used first; guarded by itself, as is {@link #bytes}. */
  private final Map<Long, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * @param warmUp runs one row through a version that was just loaded
   * @param loading runs the loading
   */
  LoadedModels(
      VersionLoader loader, Consumer<LoadedModel> warmUp, Executor loading, long maxBytes) {
    this.loader = loader;
    this.warmUp = warmUp;
    this.loading = loading;
    this.maxBytes = maxBytes;
  }

  /**
   * A version that is loaded or loading.
   *
   * @param reserved the bytes counted for it
   */
  private record Entry(CompletableFuture<LoadedModel> model, long reserved) {
    boolean isLoaded() {
      return model.isDone() && !model.isCompletedExceptionally();
    }
  }

  /**
   * A version with one more hold on its network, which the caller releases. Loads it when needed.
   *
   * @throws ServiceException LOADING when it is not loaded in time
   */
  LoadedModel hold(ModelVersion version, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      LoadedModel model = await(version, entry(version), deadline);
      if (model.network().hold()) {
        return model;
      }
    }
  }

  /** Loads a version and keeps it for later callers. */
  void load(ModelVersion version, Duration timeout) {
    hold(version, timeout).network().release();
  }

  /** Starts to load a version. */
  void startLoading(ModelVersion version) {
    var _ = entry(version);
  }

  /** Whether a version can answer at once. */
  boolean isReady(ModelVersion version) {
    synchronized (entries) {
      Entry entry = entries.get(version.id());
      return entry != null && entry.isLoaded();
    }
  }

  /**
   * Renames a preloaded version to its published one, unless it was evicted or the published one is
   * already loaded.
   */
  void adopt(ModelVersion preloaded, ModelVersion published) {
    synchronized (entries) {
      if (!isReady(preloaded) || entries.containsKey(published.id())) {
        return;
      }
      Entry entry = Objects.requireNonNull(entries.remove(preloaded.id()));
      LoadedModel model = entry.model().join().as(published);
      entries.put(
          published.id(), new Entry(CompletableFuture.completedFuture(model), entry.reserved()));
    }
  }

  /** Evicts a version if it is loaded. */
  void drop(ModelVersion version) {
    Entry entry;
    synchronized (entries) {
      entry = entries.remove(version.id());
      bytes -= entry == null ? 0 : entry.reserved();
    }
    if (entry != null) {
      evict(entry);
    }
  }

  private static void evict(Entry entry) {
    var _ =
        entry
            .model()
            .whenComplete(
                (model, failure) -> {
                  if (failure == null) {
                    model.network().evict();
                  }
                });
  }

  /** How many versions are loaded or loading. */
  int count() {
    synchronized (entries) {
      return entries.size();
    }
  }

  /** The bytes counted for all of them. */
  long bytes() {
    synchronized (entries) {
      return bytes;
    }
  }

  private Entry entry(ModelVersion version) {
    List<LoadedModel> evicted = new ArrayList<>();
    Entry entry;
    synchronized (entries) {
      Entry known = entries.get(version.id());
      if (known != null) {
        return known;
      }
      long needed = version.weights().bytes();
      makeRoom(version, needed, evicted);
      entry = new Entry(new CompletableFuture<>(), needed);
      entries.put(version.id(), entry);
      bytes += needed;
    }
    evicted.forEach(model -> model.network().evict());
    loading.execute(() -> load(version, entry));
    return entry;
  }

  private void makeRoom(ModelVersion version, long needed, List<LoadedModel> evicted) {
    if (needed > maxBytes) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "%s needs %d bytes; trainyard.predict.loaded-bytes allows %d"
              .formatted(version.reference(), needed, maxBytes));
    }
    var oldest = entries.values().iterator();
    while (bytes + needed > maxBytes && oldest.hasNext()) {
      Entry entry = oldest.next();
      if (entry.isLoaded() && entry.model().join().network().isIdle()) {
        evicted.add(entry.model().join());
        bytes -= entry.reserved();
        oldest.remove();
      }
    }
    if (bytes + needed > maxBytes) {
      throw new ServiceException(
          ErrorCode.LOADING,
          "There is no room for %s while %d other models are in use"
              .formatted(version.reference(), entries.size()));
    }
  }

  private void load(ModelVersion version, Entry entry) {
    MDC.put("model", version.reference());
    try {
      LoadedModel model = loader.load(version);
      warm(model);
      log.info("Loaded {} ({} bytes)", version.reference(), model.network().bytes());
      entry.model().complete(model);
    } catch (Throwable e) {
      // The waiting callers get this failure; the next caller tries again.
      forget(version, entry);
      entry.model().completeExceptionally(e);
    } finally {
      MDC.remove("model");
    }
  }

  private void warm(LoadedModel model) {
    try {
      warmUp.accept(model);
    } catch (RuntimeException e) {
      model.network().evict();
      throw e;
    }
  }

  private void forget(ModelVersion version, Entry entry) {
    synchronized (entries) {
      if (entries.remove(version.id(), entry)) {
        bytes -= entry.reserved();
      }
    }
  }

  private static LoadedModel await(ModelVersion version, Entry entry, long deadline) {
    try {
      return entry.model().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ServiceException(
          ErrorCode.LOADING, version.reference() + " is still loading; retry shortly", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ServiceException known) {
        throw known;
      }
      throw new IllegalStateException(version.reference() + " cannot be loaded", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  /** Evicts every version; no caller asks any more. */
  void close() {
    List<Entry> all;
    synchronized (entries) {
      all = List.copyOf(entries.values());
      entries.clear();
      bytes = 0;
    }
    all.stream().filter(Entry::isLoaded).forEach(LoadedModels::evict);
  }
}
