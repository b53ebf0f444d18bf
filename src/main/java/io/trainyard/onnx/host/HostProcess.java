package io.trainyard.onnx.host;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.process.ControlSocket;
import io.trainyard.process.CrashFile;
import io.trainyard.process.ProcessDeath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** One host, from its start to its end, for the process that started it. */
final class HostProcess {
  /** Begins the names of hosts' crash files. */
  static final String CRASHES = "host";

  /** How long a process may take to start on a busy machine. */
  private static final Duration LONGEST_START = Duration.ofMinutes(1);

  /** How long its end may take after that of a connection; it may write a crash file. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);

  /** How long a request waits for a lane; as a rule there is one for each thread. */
  private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

  private static final int KILLED = 137;

  private final Process process;
  private final Path crash;
  private final HostSite site;
  private final long oomKills;
  private final Consumer<LostHost> onLoss;
  private final List<Lane> lanes = new ArrayList<>();
  private final BlockingQueue<Lane> free;
  private final AtomicLong lastNetwork = new AtomicLong();
  private final long startedAt = System.nanoTime();

  /** By file, how many requests are under way. Guarded by this. */
  private final Map<String, Integer> running = new HashMap<>();

  /** By lane, the file for which it computes. Guarded by this. */
  private final Map<Lane, String> computing = new HashMap<>();

  /** By file, how many networks are loaded. Guarded by this. */
  private final Map<String, Integer> networks = new HashMap<>();

  private final ReentrantLock ending = new ReentrantLock();
  private @Nullable LostHost lost;
  private volatile boolean closing;
  private boolean retired;
  private volatile @Nullable Overrun overrun;

  /** Why it was ended from here, and the file that it would not leave. */
  private record Overrun(String file, String reason) {}

  private HostProcess(
      Process process, Path crash, HostSite site, Consumer<LostHost> onLoss, long oomKills) {
    this.process = process;
    this.crash = crash;
    this.site = site;
    this.onLoss = onLoss;
    this.oomKills = oomKills;
    this.free = new ArrayBlockingQueue<>(site.lanes());
  }

  /**
   * Starts a host and waits until it can load files.
   *
   * @param heap the largest Java heap
   * @param nice how much lower its priority is
   * @param onLoss told once when it dies, unless it was closed
   */
  static HostProcess start(HostSite site, DataSize heap, int nice, Consumer<LostHost> onLoss)
      throws IOException {
    Path crash = CrashFile.unique(site.crashes(), CRASHES);
    long oomKills = site.oomKills().getAsLong();
    try (ControlSocket socket = ControlSocket.open(site.sockets())) {
      Process process = site.start(socket, crash, heap, nice);
      HostProcess host = new HostProcess(process, crash, site, onLoss, oomKills);
      var _ = process.onExit().thenRun(() -> close(socket));
      var _ =
          process
              .onExit()
              .copy()
              .completeOnTimeout(process, LONGEST_START.toMillis(), TimeUnit.MILLISECONDS)
              .thenRun(() -> close(socket));
      try {
        host.connect(socket);
      } catch (IOException e) {
        String reason =
            process.isAlive() ? e.toString() : "it ended with code " + process.exitValue();
        process.destroyForcibly();
        host.lanes.forEach(Lane::disconnect);
        throw new IOException("a host process does not start: " + reason, e);
      }
      var _ = process.onExit().thenRunAsync(host::ended);
      return host;
    }
  }

  private static void close(ControlSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void connect(ControlSocket socket) throws IOException {
    for (int i = 0; i <= site.lanes(); i++) {
      SocketChannel connection = socket.accept();
      Lane lane = new Lane(connection, site.sockets());
      lanes.add(lane);
      if (!(HostMessage.read(connection) instanceof HostMessage.Hello(long pid))
          || pid != process.pid()) {
        throw new IOException("another process has connected");
      }
      if (i < site.lanes()) {
        free.add(lane);
      }
    }
  }

  long pid() {
    return process.pid();
  }

  /** How long it has lived. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  long nextNetwork() {
    return lastNetwork.incrementAndGet();
  }

  /** A request on a lane. */
  @FunctionalInterface
  interface Request<T> {
    T on(Lane lane) throws IOException;
  }

  /**
   * Does a request.
   *
   * @param file by whose content a death is explained
   * @throws LostHost when the process ends before it has answered
   */
  <T> T request(String file, Request<T> request) {
    return request(file, LONGEST_TURN, request);
  }

  /**
   * As {@link #request(String, Request)}.
   *
   * @param turn how long it waits for a lane
   */
  <T> T request(String file, Duration turn, Request<T> request) {
    begin(file);
    try {
      Lane lane = free.poll(turn.toMillis(), TimeUnit.MILLISECONDS);
      if (lane == null) {
        throw new ServiceException(
            ErrorCode.UNAVAILABLE, "The process that computes files is busy; retry shortly");
      }
      begin(lane, file);
      try {
        return request.on(lane);
      } catch (ClosedByInterruptException e) {
        process.destroyForcibly(); // what it computes would answer the next request of the lane
        throw new CancellationException("the service is stopping");
      } catch (IOException e) {
        throw ended();
      } finally {
        end(lane);
        lane.finish();
        free.add(lane); // of a process that has ended too: others that wait find its end
        if (!process.isAlive()) {
          closeFreeLanes();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the service is stopping");
    } finally {
      end(file);
    }
  }

  /** Frees the memory of the lanes that no request has; those of requests follow. */
  private void closeFreeLanes() {
    List<Lane> unused = new ArrayList<>();
    free.drainTo(unused);
    unused.forEach(Lane::close);
    free.addAll(unused);
  }

  private synchronized void begin(String file) {
    running.merge(file, 1, Integer::sum);
  }

  private synchronized void begin(Lane lane, String file) {
    computing.put(lane, file);
  }

  private synchronized void end(Lane lane) {
    computing.remove(lane);
  }

  private void end(String file) {
    synchronized (this) {
      running.computeIfPresent(file, (_, count) -> count == 1 ? null : count - 1);
    }
    closeIfRetired();
  }

  synchronized void loaded(String file) {
    networks.merge(file, 1, Integer::sum);
  }

  void unloaded(String file) {
    synchronized (this) {
      networks.computeIfPresent(file, (_, count) -> count == 1 ? null : count - 1);
    }
    closeIfRetired();
  }

  /** The files whose networks it has. */
  synchronized Set<String> files() {
    return Set.copyOf(networks.keySet());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends a run that goes on though nobody waits for it. */
  void overrun(String file, Duration after) {
    overrun =
        new Overrun(
            file,
            "it computed on for %d s after nobody waited for it any more"
                .formatted(after.toSeconds()));
    process.destroyForcibly();
  }

  /** Closes it when its last network is gone. */
  void retire() {
    synchronized (this) {
      retired = true;
    }
    closeIfRetired();
  }

  private void closeIfRetired() {
    boolean closes;
    synchronized (this) {
      closes = retired && running.isEmpty() && networks.isEmpty();
    }
    if (closes) {
      close();
    }
  }

  /** Ends it. */
  void close() {
    closing = true;
    lanes.forEach(Lane::disconnect);
    process.destroyForcibly();
  }

  /** Waits for the end; what was under way when the first thread saw it is kept. */
  private LostHost ended() {
    ending.lock();
    try {
      if (lost != null) {
        return lost;
      }
      Map<Lane, String> under;
      Overrun over = overrun;
      synchronized (this) {
        under = Map.copyOf(computing);
      }
      if (!process.waitFor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      int code = process.waitFor();
      boolean memory = code == KILLED && site.oomKills().getAsLong() > oomKills;
      ProcessDeath death = new ProcessDeath(code, memory, CrashFile.read(crash).orElse(null));
      Set<String> files = Set.copyOf(under.values());
      LostHost found =
          new LostHost(
              this,
              death,
              over == null ? null : over.reason(),
              files,
              over == null ? suspects(death, under) : Set.of(over.file()),
              closing);
      lost = found;
      lanes.forEach(Lane::disconnect);
      closeFreeLanes();
      if (!closing) {
        onLoss.accept(found);
      }
      return found;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new LostHost(this, new ProcessDeath(0, false, null), null, Set.of(), Set.of(), true);
    } finally {
      ending.unlock();
    }
  }

  /** The file of the lane whose thread has crashed; all that were computed where it is unknown. */
  private Set<String> suspects(ProcessDeath death, Map<Lane, String> under) {
    String thread = death.crash() == null ? "" : death.crash().thread();
    return under.entrySet().stream()
        .filter(one -> thread.equals(HostProgram.thread(lanes.indexOf(one.getKey()))))
        .findFirst()
        .map(one -> Set.of(one.getValue()))
        .orElseGet(() -> Set.copyOf(under.values()));
  }
}
