package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.WeightStore;
import io.trainyard.tensor.SafeTensors;
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
 * The versions in memory, within a bound of bytes; the one unused for longest goes first. However
 * many ask for a version at once, it is loaded once.
 */
public final class LoadedModels {
  private static final Logger log = LoggerFactory.getLogger(LoadedModels.class);

  private final WeightStore weights;
  private final NetworkLoader loader;
  private final Consumer<LoadedModel> warmUp;
  private final Executor loading;
  private final long maxBytes;

  /** By version id, least recently used first; guarded by itself, as is {@link #bytes}. */
  private final Map<Long, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * Makes an empty set.
   *
   * @param warmUp runs a first row through a version that was just loaded
   * @param loading where loading happens
   */
  LoadedModels(
      WeightStore weights,
      NetworkLoader loader,
      Consumer<LoadedModel> warmUp,
      Executor loading,
      long maxBytes) {
    this.weights = weights;
    this.loader = loader;
    this.warmUp = warmUp;
    this.loading = loading;
    this.maxBytes = maxBytes;
  }

  /**
   * A version that is loaded or on its way.
   *
   * @param reserved bytes counted for it
   */
  private record Entry(CompletableFuture<LoadedModel> model, long reserved) {}

  /**
   * Holds a version, loading it when it is not there; the caller releases it.
   *
   * @throws ServiceException LOADING when it is not there in time
   */
  LoadedModel hold(ModelVersion version, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      LoadedModel model = await(version, entry(version), deadline);
      if (model.hold()) {
        return model;
      }
    }
  }

  /** Loads a version and keeps it for those who will ask. */
  public void load(ModelVersion version, Duration patience) {
    hold(version, patience).release();
  }

  /** Begins to load a version. */
  void begin(ModelVersion version) {
    var _ = entry(version);
  }

  /** Whether a version would answer at once. */
  boolean isReady(ModelVersion version) {
    synchronized (entries) {
      Entry entry = entries.get(version.id());
      return entry != null && entry.model().isDone() && !entry.model().isCompletedExceptionally();
    }
  }

  /** Goes on with a version that was loaded before it was published; false when it is not there. */
  boolean adopt(ModelVersion prepared, ModelVersion published) {
    synchronized (entries) {
      if (!isReady(prepared) || entries.containsKey(published.id())) {
        return false;
      }
      Entry entry = Objects.requireNonNull(entries.remove(prepared.id()));
      LoadedModel model = entry.model().join().as(published);
      entries.put(
          published.id(), new Entry(CompletableFuture.completedFuture(model), entry.reserved()));
      return true;
    }
  }

  /** Gives up a version that was loaded and came to nothing. */
  void drop(ModelVersion version) {
    Entry entry;
    synchronized (entries) {
      entry = entries.remove(version.id());
      bytes -= entry == null ? 0 : entry.reserved();
    }
    if (entry != null) {
      var _ =
          entry
              .model()
              .whenComplete(
                  (model, failure) -> {
                    if (failure == null) {
                      model.evict();
                    }
                  });
    }
  }

  /** How many versions are loaded or loading. */
  int count() {
    synchronized (entries) {
      return entries.size();
    }
  }

  /** What they take together. */
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
    evicted.forEach(LoadedModel::evict);
    loading.execute(() -> load(version, entry));
    return entry;
  }

  private void makeRoom(ModelVersion version, long needed, List<LoadedModel> evicted) {
    if (needed > maxBytes) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "%s takes %d bytes; trainyard.predict.loaded-bytes allows %d"
              .formatted(version.reference(), needed, maxBytes));
    }
    var oldest = entries.entrySet().iterator();
    while (bytes + needed > maxBytes && oldest.hasNext()) {
      Entry entry = oldest.next().getValue();
      if (entry.model().isDone() && entry.model().join().isIdle()) {
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
    try (SafeTensors file = weights.open(version.weights())) {
      VersionDefinition blueprint = VersionDefinition.of(version);
      LoadedNetwork network =
          loader.load(blueprint.spec().network(), blueprint.shapes(), file.tensors());
      LoadedModel model = new LoadedModel(version, blueprint, network);
      try {
        warmUp.accept(model);
      } catch (RuntimeException e) {
        model.evict();
        throw e;
      }
      log.info("Loaded {} ({} bytes)", version.reference(), network.bytes());
      entry.model().complete(model);
    } catch (Throwable e) {
      // Whoever waits is told; the next to ask makes another attempt.
      forget(version, entry);
      entry.model().completeExceptionally(e);
    } finally {
      MDC.remove("model");
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
          ErrorCode.LOADING, version.reference() + " is still loading; try again shortly", e);
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

  /** Gives all memory back; nobody asks any more. */
  void close() {
    List<Entry> all;
    synchronized (entries) {
      all = List.copyOf(entries.values());
      entries.clear();
      bytes = 0;
    }
    for (Entry entry : all) {
      if (entry.model().isDone() && !entry.model().isCompletedExceptionally()) {
        entry.model().join().evict();
      }
    }
  }
}
