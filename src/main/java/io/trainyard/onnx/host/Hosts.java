package io.trainyard.onnx.host;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.spec.NetworkShapes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hosts in which this process has imported files computed. All files share one host. When it
 * dies, each file that may have ended it gets a host of its own, so that the next death shows the
 * culprit; the others then go back. A crash file names the thread, so that one file is suspected;
 * otherwise all are that were computed, except those that have answered for long. A file that has
 * ended three hosts within an hour, while it was computed or loaded, is to go to quarantine.
 *
 * <p>Files are known by the hash of their content: two versions of one file are one cause.
 */
public final class Hosts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Hosts.class);

  /** Deaths after which a file goes to quarantine, if they are close to each other. */
  static final int MOST_DEATHS = 3;

  /** Each death costs its neighbours about a second: few in a day are no reason to refuse it. */
  static final Duration TOGETHER = Duration.ofHours(1);

  /** Files that have a host of their own at the same time. */
  static final int MOST_OWN = 2;

  /**
   * A suspect that computes so long without a death goes back, when another one needs its place.
   */
  private static final Duration CLEARED = Duration.ofSeconds(30);

  /** Answers after which a suspect that has ended no host may go back too. */
  private static final int CLEARING_ANSWERS = 10;

  /** How long a run may go on when nobody waits for it any more. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HostSite site;
  private final Clock clock;
  private final CrashingCallers callers;
  private final FileRecords records = new FileRecords();
  private final HostWatch watch;
  private final HostTasks tasks = new HostTasks("hosts");

  private volatile Listener listener = new Listener() {};
  private final ReentrantLock lock = new ReentrantLock();

  // Changed under the lock, which is held while a host starts, and counted without it.
  private volatile @Nullable HostProcess shared;
  private final Map<String, HostProcess> own = new ConcurrentHashMap<>();

  // Guarded by the lock.

  /** By suspect, those that were computed in the same host when it died. */
  private final Map<String, Set<String>> suspects = new HashMap<>();

  /** By file, when it ended hosts of late. */
  private final Map<String, Deque<Instant>> deaths = new HashMap<>();

  /** Hosts for one file that are not there yet. */
  private int starting;

  private volatile boolean closed;

  /**
   * @param callers those whose files have ended processes
   * @param longestLoad how long a file may take to load
   */
  public Hosts(HostSite site, Clock clock, CrashingCallers callers, Duration longestLoad) {
    this(site, clock, callers, new HostWatch(PATIENCE, longestLoad));
  }

  Hosts(HostSite site, Clock clock, CrashingCallers callers, HostWatch watch) {
    this.site = site;
    this.clock = clock;
    this.callers = callers;
    this.watch = watch;
  }

  /** What follows from deaths. Files are given by the hash of their content. */
  public interface Listener {
    /** A host has died; its kind of cause is one of {@code ProcessDeath.KINDS}. */
    default void died(String kind) {}

    /** The networks of these files are gone, or should move: load them again. */
    default void lost(Set<String> files) {}

    /** A file has ended so many hosts that it should not be computed any more. */
    default void quarantine(String file, String reason) {}
  }

  /** Sets what follows from deaths. */
  public void listen(Listener reacts) {
    listener = reacts;
  }

  /** Starts the host that all files share, so that the first one does not wait for it. */
  public void start() {
    tasks.add(this::startShared);
  }

  private void startShared() {
    lock.lock();
    try {
      var _ = sharedHost();
    } finally {
      lock.unlock();
    }
  }

  /** The hosts that live. */
  public int count() {
    HostProcess now = shared;
    return (now != null && now.isAlive() ? 1 : 0)
        + (int) own.values().stream().filter(HostProcess::isAlive).count();
  }

  /** Loads the file of a version. */
  public LoadedNetwork load(ModelVersion version, NetworkShapes shapes, Path path) {
    String file = version.weights().sha256();
    for (int tries = 0; ; tries++) {
      HostProcess host = host(file);
      try {
        LoadedNetwork network =
            HostedNetwork.load(
                host, watch, version, path, shapes, () -> false, e -> loss(version, e));
        boolean together = host.equals(shared);
        if (!together) {
          host.retire(); // it ends with its network
        }
        return new GuardedNetwork(network, file, records, callers, together);
      } catch (ServiceException e) {
        if (tries > 0 || !(e.getCause() instanceof LostHost lost) || !lost.isClosed()) {
          throw e;
        }
      }
    }
  }

  private static RuntimeException loss(ModelVersion version, LostHost lost) {
    return new ServiceException(
        ErrorCode.UNAVAILABLE,
        "The process that computes %s has ended: %s. It starts again; retry shortly"
            .formatted(version.reference(), lost.reason()),
        lost);
  }

  private HostProcess host(String file) {
    lock.lock();
    try {
      if (closed) {
        throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping");
      }
      if (!suspects.containsKey(file)) {
        return sharedHost();
      }
      HostProcess now = ownHost(file);
      if (now != null) {
        return now;
      }
      starting++;
    } finally {
      lock.unlock();
    }
    return startOwn(file);
  }

  /** Not under the lock: files that are not suspected do not wait for it. */
  private HostProcess startOwn(String file) {
    try {
      HostProcess host = started();
      own.put(file, host);
      closeIfClosed(host);
      return host;
    } finally {
      lock.lock();
      try {
        starting--;
      } finally {
        lock.unlock();
      }
    }
  }

  private HostProcess sharedHost() {
    HostProcess now = shared;
    if (now == null || !now.isAlive()) {
      now = started();
      shared = now;
      closeIfClosed(now);
    }
    return now;
  }

  /** The host of a suspect, or null when there is a place for one. */
  private @Nullable HostProcess ownHost(String file) {
    own.values().removeIf(host -> !host.isAlive());
    HostProcess now = own.get(file);
    if (now == null && own.size() + starting >= MOST_OWN) {
      clearOldest();
    }
    return now;
  }

  /** The end of the service does not wait for a start. */
  private void closeIfClosed(HostProcess host) {
    if (closed) {
      host.close();
    }
  }

  /** Sends the suspect back that has computed the longest without a death. */
  private void clearOldest() {
    Map.Entry<String, HostProcess> oldest =
        own.entrySet().stream()
            .max(
                Comparator.comparing((Map.Entry<String, HostProcess> one) -> isCleared(one))
                    .thenComparing(one -> one.getValue().age()))
            .orElse(null);
    if (oldest == null || !isCleared(oldest)) {
      throw new ServiceException(
          ErrorCode.LOADING,
          "%d other ONNX files are computed apart after a crash; retry shortly".formatted(MOST_OWN),
          oldest == null ? CLEARED : CLEARED.minus(oldest.getValue().age()));
    }
    own.remove(oldest.getKey());
    suspects.remove(oldest.getKey());
    move(Set.of(oldest.getKey()));
  }

  private boolean isCleared(Map.Entry<String, HostProcess> apart) {
    return apart.getValue().age().compareTo(CLEARED) >= 0
        || (records.answers(apart.getKey()) >= CLEARING_ANSWERS
            && !deaths.containsKey(apart.getKey()));
  }

  private HostProcess started() {
    try {
      long begin = System.nanoTime();
      HostProcess host = HostProcess.start(site, HostSite.HEAP, 0, this::lost);
      log.info(
          "A process for ONNX files (pid {}) is ready, {} s after its start",
          host.pid(),
          "%.1f".formatted((System.nanoTime() - begin) / 1e9));
      return host;
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "A process for ONNX files cannot be started now", e);
    }
  }

  /** Runs once for each host that dies. */
  private void lost(LostHost lost) {
    Set<String> files = new HashSet<>(lost.host().files());
    String culprit = null;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      log.error(
          "A process for ONNX files (pid {}) died: {}; it computed {} of {} files",
          lost.host().pid(),
          lost.reason(),
          lost.running().size(),
          files.size());
      if (lost.isFilesFault()) {
        // Another host may already be the shared one.
        Set<String> accused = accused(lost.suspects());
        accused.forEach(file -> suspects.putIfAbsent(file, accused));
        lost.suspects().forEach(records::suspected);
        countOverrun(lost);
        // One alone is the culprit; beside others, it may have been their victim.
        if (lost.running().size() == 1 && accused.equals(lost.running())) {
          String alone = lost.running().iterator().next();
          files.addAll(clear(alone));
          culprit = isOneTooMany(alone) ? alone : null;
        }
      }
      if (lost.host().equals(shared)) {
        shared = null;
      } else {
        own.values().remove(lost.host());
      }
    } finally {
      lock.unlock();
    }
    tasks.add(() -> listener.died(lost.kind()));
    if (culprit != null) {
      String file = culprit;
      String reason =
          "%d processes that computed or loaded it have ended within an hour, the last one by %s"
              .formatted(MOST_DEATHS, lost.reason());
      tasks.add(() -> listener.quarantine(file, reason));
    }
    tasks.restart(lost.host(), this::startShared);
    move(files);
  }

  /** Those that have answered well for long are accused only where there are no others. */
  private Set<String> accused(Set<String> all) {
    Set<String> unknown = new HashSet<>(all);
    unknown.removeIf(records::isKnown);
    return unknown.isEmpty() ? all : unknown;
  }

  /** What computes on after its caller has left ends no request of that caller. */
  private void countOverrun(LostHost lost) {
    if (lost.isOverrun() && !own.containsValue(lost.host())) {
      for (String file : lost.suspects()) {
        String caller = records.leaver(file);
        if (caller != null) {
          callers.ended(caller);
        }
      }
    }
  }

  /** Counts a death for a file, and forgets those that are long ago. */
  private boolean isOneTooMany(String file) {
    Instant now = clock.instant();
    deaths.values().forEach(each -> each.removeIf(at -> at.plus(TOGETHER).isBefore(now)));
    deaths.values().removeIf(Deque::isEmpty);
    Deque<Instant> own = deaths.computeIfAbsent(file, _ -> new ArrayDeque<>());
    own.add(now);
    if (own.size() < MOST_DEATHS) {
      return false;
    }
    deaths.remove(file); // it gets as many tries when it is loaded again
    return true;
  }

  /** Those that were suspected with a culprit are cleared, unless they have ended a host too. */
  private Set<String> clear(String culprit) {
    Set<String> cleared = new HashSet<>(suspects.getOrDefault(culprit, Set.of()));
    cleared.removeIf(file -> file.equals(culprit) || deaths.containsKey(file));
    cleared.retainAll(suspects.keySet());
    suspects.keySet().removeAll(cleared);
    return cleared;
  }

  private void move(Set<String> files) {
    Set<String> moved = Set.copyOf(files);
    tasks.add(() -> listener.lost(moved));
  }

  /** Ends all hosts. */
  @Override
  public void close() {
    closed = true; // what still starts ends by itself
    tasks.close();
    HostProcess now = shared;
    if (now != null) {
      now.close();
    }
    own.values().forEach(HostProcess::close);
  }
}
