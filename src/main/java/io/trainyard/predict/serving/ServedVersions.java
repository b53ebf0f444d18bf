package io.trainyard.predict.serving;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionStore;
import io.trainyard.model.serving.ServingStore;
import io.trainyard.model.serving.VersionServing;
import io.trainyard.os.Watchdog;
import io.trainyard.predict.AnswerRoute;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.ServingControl;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does in this process what operators decide about versions, and follows what they decided through
 * another one. Once started, it first loads the versions under an alias, the loaded and the pinned
 * ones, so that their first caller does not wait.
 *
 * <p>Decisions are read often, and cheap to read. While the database is away, the last ones hold.
 */
public final class ServedVersions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServedVersions.class);

  /** Reading takes at most this share of the time. */
  private static final int REST_PER_READ = 20;

  private final ServingStore store;
  private final VersionStore versions;
  private final Predictor predictor;
  private final ServingControl control;
  private final Duration pause;
  private final AnswerRoute routes;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch loaded = new CountDownLatch(1);

  /** By version id: how often it was loaded when this process last looked. Guarded by this. */
  private final Map<Long, Integer> loads = new HashMap<>();

  /**
   * Not yet started.
   *
   * @param pause between two reads of the decisions
   * @param routes all ways in which predictions are answered
   */
  public ServedVersions(
      ServingStore store,
      VersionStore versions,
      Predictor predictor,
      Duration pause,
      AnswerRoute routes) {
    this.routes = routes;
    this.store = store;
    this.versions = versions;
    this.predictor = predictor;
    this.control = predictor.control();
    this.pause = pause;
  }

  /** Starts to follow. The thread is never interrupted: the database would lose its file. */
  public void start() {
    Watchdog.loop("serving", Identity.service().doing(this::run)).start();
  }

  /** Waits until the first versions are loaded; false when that takes longer. */
  public boolean awaitLoaded(Duration limit) throws InterruptedException {
    return loaded.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run() {
    try {
      loadFirst();
    } finally {
      loaded.countDown();
    }
    long took = 0;
    try {
      while (!stopping.await(
          Math.max(pause.toNanos(), took * REST_PER_READ), TimeUnit.NANOSECONDS)) {
        long start = System.nanoTime();
        try {
          follow();
        } catch (RuntimeException e) {
          log.debug("The decisions about serving cannot be read; the last ones hold", e);
        }
        took = System.nanoTime() - start;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loadFirst() {
    try {
      follow();
      Set<Long> seen = new HashSet<>();
      for (List<VersionServing> some : List.of(store.versions(), store.aliased())) {
        for (VersionServing serving : some) {
          if (!serving.unloaded() && seen.add(serving.id()) && stopping.getCount() > 0) {
            loadIfRoom(serving);
          }
        }
      }
    } catch (RuntimeException e) {
      log.warn("Versions are loaded when they are asked, not now: {}", e.toString());
    }
  }

  /** Loads one more, as long as none has to go for it. */
  private void loadIfRoom(VersionServing serving) {
    versions
        .find(serving.model(), serving.version())
        .filter(version -> serving.pinned() || control.hasRoom(version))
        .ifPresent(this::loadQuietly);
  }

  /** A version that cannot be loaded is logged where it is loaded. */
  private void loadQuietly(ModelVersion version) {
    try {
      predictor.load(version);
    } catch (RuntimeException e) {
      log.debug("{} is not loaded in advance", version.reference(), e);
    }
  }

  /** Reads the decisions, and does what is new in them. */
  private synchronized void follow() {
    control.limit(store.limits());
    List<VersionServing> decided = store.versions();
    control.decide(decided);
    for (VersionServing serving : decided) {
      Integer before = loads.put(serving.id(), serving.loads());
      boolean grew = before != null && before < serving.loads();
      boolean isNew = before == null && serving.loads() > 0;
      boolean lacks = serving.pinned() && !control.isLoaded(serving.id());
      if (!serving.unloaded() && (grew || isNew || lacks) && !control.isLoaded(serving.id())) {
        versions.find(serving.model(), serving.version()).ifPresent(control::startLoading);
      }
    }
    loads.keySet().retainAll(decided.stream().map(VersionServing::id).toList());
  }

  /** Loads a version here, and in other processes soon. */
  public VersionServing load(ModelVersion version) {
    return change(version, VersionServing::load, true);
  }

  /**
   * Refuses requests for a version until it is loaded again, and frees its memory.
   *
   * @throws ServiceException IN_USE when it is pinned
   */
  public VersionServing unload(ModelVersion version) {
    return change(version, ServedVersions::unload, false);
  }

  private static VersionServing unload(VersionServing now) {
    if (now.pinned()) {
      throw new ServiceException(ErrorCode.IN_USE, now.reference() + " is pinned; unpin it first");
    }
    return now.unload();
  }

  /** Unloads the versions of a file that ends the processes which compute or load it. */
  public void quarantine(String file, String reason) {
    for (VersionServing version : store.ofFile(file)) {
      log.error("{} is in quarantine: {}", version.reference(), reason);
      var _ = store.change(version.model(), version.version(), now -> now.quarantined(reason));
    }
    follow();
  }

  /**
   * Keeps a version in the memory of all processes.
   *
   * @throws ServiceException TOO_MUCH_MEMORY when it does not fit beside the other pinned ones
   */
  public VersionServing pin(ModelVersion version) {
    control.checkPin(version);
    return change(version, VersionServing::pin, true);
  }

  /** Lets a version go when room is needed. */
  public VersionServing unpin(ModelVersion version) {
    return change(version, VersionServing::unpin, false);
  }

  /** A change that loads is stored once the version is known to load. */
  private VersionServing change(
      ModelVersion version, UnaryOperator<VersionServing> change, boolean loading) {
    if (loading && !control.isUnloaded(version)) {
      predictor.load(version);
    }
    VersionServing changed = store.change(version.model(), version.version(), change);
    follow();
    if (loading) {
      predictor.load(version);
    }
    return changed;
  }

  /**
   * Loads a version that an alias is about to point at, even if it was unloaded.
   *
   * @throws ServiceException NOT_ANSWERABLE when no prediction can be made of its outputs
   */
  public void admit(ModelVersion version) {
    if (control.isUnloaded(version)) {
      load(version);
    } else {
      predictor.load(version);
    }
    String fault = predictor.fault(version, routes);
    if (fault != null) {
      throw new ServiceException(
          ErrorCode.NOT_ANSWERABLE, fault, List.of(new Violation("/version", fault)));
    }
  }

  /** Loads the version that answers for a model when none is named; no other stays unloaded. */
  public void loadModel(ModelVersion version) {
    store.changeAll(version.model(), false);
    follow();
    load(version);
  }

  /** Refuses all versions that a model has now, and frees their memory. */
  public void unloadModel(String model) {
    store.changeAll(model, true);
    follow();
  }

  /** By reference, why versions are refused. */
  Map<String, String> refused() {
    return store.versions().stream()
        .filter(VersionServing::unloaded)
        .collect(Collectors.toMap(VersionServing::reference, VersionServing::refusal));
  }

  /** Makes a change of limits known to this process at once. */
  public void limitsChanged() {
    follow();
  }

  @Override
  public void close() {
    stopping.countDown();
  }
}
