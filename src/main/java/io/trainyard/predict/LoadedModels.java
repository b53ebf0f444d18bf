package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ErrorCode.Family;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.serving.ServingDecisions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The versions in memory, limited in bytes; the least recently used one is evicted first. When many
 * callers ask for a version at the same time, it is loaded once. A version that could not be loaded
 * is not tried again at once.
 */
final class LoadedModels {
  private static final Logger log = LoggerFactory.getLogger(LoadedModels.class);

  /** About what a version needs beyond its weights: spec, encoding, shapes and native objects. */
  static final long OVERHEAD = 128 << 10;

  private static final Duration ROOM_CHECK = Duration.ofMillis(250);

  private final VersionLoader loader;
  private final Listener listener;
  private final Executor loading;
  private final long maxBytes;
  private final FailedLoads failed;
  private final ServingDecisions decisions = new ServingDecisions();

  /** By version id, least recently used first; guarded by itself, as is {@link #bytes}. */
  private final Map<Long, LoadingModel> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private boolean closed;

  /**
   * @param loading runs the loading; it may refuse work when it has too much
   */
  LoadedModels(
      VersionLoader loader,
      Listener listener,
      Executor loading,
      long maxBytes,
      FailedLoads failed) {
    this.loader = loader;
    this.listener = listener;
    this.loading = loading;
    this.maxBytes = maxBytes;
    this.failed = failed;
  }

  interface Listener {
    /** Runs one row through a version that was just loaded. */
    void warmUp(LoadedModel model);

    /** It took so long to load and warm it up. */
    default void loaded(Duration time) {}

    /** The version is no longer in memory. */
    default void evicted(LoadedModel model, EvictionReason reason) {}
  }

  /**
   * A version with one more hold on its network, which the caller releases. Loads it when needed.
   *
   * @throws ServiceException LOADING when it is not loaded in time
   */
  LoadedModel hold(ModelVersion version, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      LoadedModel model = entry(version).await(deadline);
      if (model.network().hold()) {
        return model;
      }
    }
  }

  /** Loads a version and keeps it for later callers; waits for room too. */
  void load(ModelVersion version, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        hold(version, Duration.ofNanos(deadline - System.nanoTime())).network().release();
        return;
      } catch (ServiceException e) {
        if (e.code() != ErrorCode.LOADING || deadline - System.nanoTime() <= 0) {
          throw e;
        }
        pause(e);
      }
    }
  }

  private static void pause(ServiceException cause) {
    try {
      Thread.sleep(ROOM_CHECK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cause;
    }
  }

  void startLoading(ModelVersion version) {
    var _ = entry(version);
  }

  /** Whether a version can answer at once. */
  boolean isReady(ModelVersion version) {
    return isReady(version.id());
  }

  boolean isReady(long version) {
    synchronized (entries) {
      LoadingModel entry = entries.get(version);
      return entry != null && entry.isLoaded();
    }
  }

  ServingDecisions decisions() {
    return decisions;
  }

  static long reserved(ModelVersion version) {
    return version.weights().bytes() + OVERHEAD;
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
      LoadingModel entry = Objects.requireNonNull(entries.remove(preloaded.id()));
      LoadedModel model = entry.model().join().as(published);
      entries.put(
          published.id(),
          new LoadingModel(published, CompletableFuture.completedFuture(model), entry.reserved()));
    }
  }

  /** Evicts a version if it is loaded. */
  void drop(ModelVersion version) {
    LoadingModel entry;
    synchronized (entries) {
      entry = entries.remove(version.id());
      bytes -= entry == null ? 0 : entry.reserved();
    }
    if (entry != null) {
      evict(entry, EvictionReason.DROPPED);
    }
  }

  /** Evicts deleted versions. Callers who wait for one that is loading are told that it is gone. */
  void drop(Predicate<ModelVersion> which) {
    drop(
        which,
        EvictionReason.DROPPED,
        version ->
            new ServiceException(
                ErrorCode.VERSION_NOT_FOUND, version.reference() + " was deleted"));
  }

  /** Evicts versions. Callers who wait for one that is loading get the refusal. */
  void drop(
      Predicate<ModelVersion> which,
      EvictionReason reason,
      Function<ModelVersion, ServiceException> refusal) {
    List<LoadingModel> dropped = new ArrayList<>();
    synchronized (entries) {
      entries.values().removeIf(entry -> which.test(entry.version()) && dropped.add(entry));
      bytes -= dropped.stream().mapToLong(LoadingModel::reserved).sum();
    }
    for (LoadingModel entry : dropped) {
      end(entry, reason, refusal.apply(entry.version()));
    }
  }

  /** Ends a loading with a failure, or evicts what was loaded. */
  private void end(LoadingModel entry, EvictionReason reason, ServiceException failure) {
    if (!entry.model().completeExceptionally(failure)) {
      evict(entry, reason);
    }
  }

  private void evict(LoadingModel entry, EvictionReason reason) {
    var _ =
        entry
            .model()
            .whenComplete(
                (model, failure) -> {
                  if (failure == null) {
                    evict(model, reason);
                  }
                });
  }

  private void evict(LoadedModel model, EvictionReason reason) {
    model.network().evict();
    listener.evicted(model, reason);
  }

  /** Loads versions again whose networks are of no use any more. */
  void reload(Predicate<ModelVersion> which) {
    List<LoadingModel> lost = new ArrayList<>();
    synchronized (entries) {
      entries
          .values()
          .removeIf(entry -> entry.isLoaded() && which.test(entry.version()) && lost.add(entry));
      bytes -= lost.stream().mapToLong(LoadingModel::reserved).sum();
    }
    for (LoadingModel entry : lost) {
      evict(entry, EvictionReason.LOST);
      try {
        startLoading(entry.version());
      } catch (ServiceException e) {
        log.debug("{} is loaded when it is asked", entry.version().reference(), e);
      }
    }
  }

  /** The versions in memory. */
  List<LoadedModel> all() {
    synchronized (entries) {
      return entries.values().stream()
          .filter(entry -> entry.model().state() == Future.State.SUCCESS)
          .map(entry -> entry.model().resultNow())
          .toList();
    }
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

  private LoadingModel entry(ModelVersion version) {
    List<LoadedModel> evicted = new ArrayList<>();
    LoadingModel entry;
    synchronized (entries) {
      LoadingModel known = entries.get(version.id());
      if (known != null) {
        return known;
      }
      if (closed) {
        throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping");
      }
      if (decisions.isUnloaded(version.id())) {
        throw decisions.refusal(version);
      }
      Throwable failure = failed.barring(version.id());
      if (failure != null) {
        throw LoadingModel.failure(version, failure);
      }
      long needed = reserved(version);
      makeRoom(version, needed, evicted);
      entry = new LoadingModel(version, new CompletableFuture<>(), needed);
      entries.put(version.id(), entry);
      bytes += needed;
    }
    evicted.forEach(model -> evict(model, EvictionReason.ROOM));
    try {
      loading.execute(() -> load(version, entry));
    } catch (RejectedExecutionException e) {
      forget(version, entry);
      ServiceException refusal =
          new ServiceException(
              ErrorCode.LOADING, "Too many other models are loading; retry shortly", e);
      entry.model().completeExceptionally(refusal);
      throw refusal;
    }
    return entry;
  }

  /** Chooses versions to evict, and removes them only if that makes enough room. */
  private void makeRoom(ModelVersion version, long needed, List<LoadedModel> evicted) {
    if (needed > maxBytes) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "%s needs %d bytes; trainyard.predict.loaded-bytes allows %d"
              .formatted(version.reference(), needed, maxBytes));
    }
    Map<Long, LoadingModel> chosen = new LinkedHashMap<>();
    long freed = 0;
    for (Map.Entry<Long, LoadingModel> oldest : entries.entrySet()) {
      if (bytes - freed + needed <= maxBytes) {
        break;
      }
      LoadingModel entry = oldest.getValue();
      if (entry.isLoaded()
          && !decisions.isPinned(oldest.getKey())
          && entry.model().join().network().isIdle()) {
        chosen.put(oldest.getKey(), entry);
        freed += entry.reserved();
      }
    }
    if (bytes - freed + needed > maxBytes) {
      throw new ServiceException(
          ErrorCode.LOADING,
          "There is no room for %s while %d other models are in use"
              .formatted(version.reference(), entries.size()));
    }
    bytes -= freed;
    chosen.forEach(
        (id, entry) -> {
          entries.remove(id);
          evicted.add(entry.model().join());
        });
  }

  private void load(ModelVersion version, LoadingModel entry) {
    MDC.put("model", version.reference());
    long start = System.nanoTime();
    try {
      LoadedModel model = loader.load(version);
      warm(model);
      log.info("Loaded {} ({} bytes)", version.reference(), model.network().bytes());
      listener.loaded(Duration.ofNanos(System.nanoTime() - start));
      failed.remove(version.id());
      if (!entry.model().complete(model)) {
        model.network().evict(); // it was dropped while loading
      }
    } catch (Throwable e) {
      // The waiting callers get this failure. Those after a pause try again.
      if (!(e instanceof ServiceException busy) || busy.code().family() != Family.BUSY) {
        log.warn("{} cannot be loaded: {}", version.reference(), e.toString());
      }
      failed.add(version.id(), e);
      forget(version, entry);
      entry.model().completeExceptionally(e);
    } finally {
      MDC.remove("model");
    }
  }

  private void warm(LoadedModel model) {
    try {
      listener.warmUp(model);
    } catch (Throwable e) {
      model.network().evict();
      throw e;
    }
  }

  private void forget(ModelVersion version, LoadingModel entry) {
    synchronized (entries) {
      if (entries.remove(version.id(), entry)) {
        bytes -= entry.reserved();
      }
    }
  }

  /** Evicts every version; no caller asks any more. */
  void close() {
    List<LoadingModel> all;
    synchronized (entries) {
      closed = true;
      all = List.copyOf(entries.values());
      entries.clear();
      bytes = 0;
    }
    ServiceException stopping =
        new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping");
    for (LoadingModel entry : all) {
      end(entry, EvictionReason.DROPPED, stopping);
    }
  }
}
