package io.trainyard.onnx.host;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.onnx.RunWatch;
import io.trainyard.spec.NetworkShapes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

/**
 * The host in which files are computed before they are imported. It is started in advance, and a
 * new one takes its place after its death or after so many files. A file that crashes it is
 * refused; it has crashed it alone: when several files were under way, each is tried again by
 * itself.
 */
public final class Checker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Checker.class);

  /** What files leave behind in a process ends with it. */
  static final int MOST_FILES = 100;

  /** Wide rows are written by Java. */
  private static final DataSize HEAP = DataSize.ofMegabytes(160);

  /** How long a caller waits for the turn of a file that has to be alone. */
  private static final Duration TURN = Duration.ofMinutes(2);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HostSite site;
  private final int nice;
  private final Map<String, String> preparations;
  private final Consumer<String> onDeath;
  private final CrashingCallers callers;
  private final HostWatch watch = new HostWatch(PATIENCE);
  private final ReentrantReadWriteLock turns = new ReentrantReadWriteLock(true);
  private final HostTasks tasks = new HostTasks("checker");

  private final ReentrantLock lock = new ReentrantLock();

  /** Changed under the lock, which is held while it starts. */
  private volatile @Nullable HostProcess current;

  // Guarded by the lock.
  private int files;
  private boolean closed;

  /**
   * @param nice how much lower its priority is
   * @param preparations by kind, tasks that a new process does first
   * @param onDeath told the kind of each death
   */
  public Checker(
      HostSite site,
      int nice,
      Map<String, String> preparations,
      Clock clock,
      Consumer<String> onDeath) {
    this.preparations = Map.copyOf(preparations);
    this.site = site;
    this.nice = nice;
    this.onDeath = onDeath;
    this.callers = new CrashingCallers(clock);
  }

  /** Starts the process, so that the first file does not wait for it. */
  public void start() {
    tasks.add(this::host);
  }

  private HostProcess host() {
    lock.lock();
    try {
      if (closed) {
        throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping");
      }
      HostProcess now = current;
      if (now == null || !now.isAlive()) {
        now = fresh();
        current = now;
      }
      return now;
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "The process that checks files cannot be started now", e);
    } finally {
      lock.unlock();
    }
  }

  private HostProcess fresh() throws IOException {
    HostProcess host = HostProcess.start(site, HEAP, nice, this::lost);
    preparations.forEach(
        (kind, request) ->
            tasks.add(
                () -> {
                  var _ =
                      host.request(
                          kind,
                          lane -> {
                            var _ = lane.memory(SharedTensors.ALIGNMENT);
                            return lane.call(new HostMessage.Task(kind, request, lane.newFile()));
                          });
                }));
    return host;
  }

  private void lost(LostHost lost) {
    log.error("The process that checks files died: {}", lost.reason());
    onDeath.accept(lost.kind());
    lock.lock();
    try {
      files = 0;
    } finally {
      lock.unlock();
    }
    tasks.restart(lost.host(), this::host);
  }

  /** Another process takes the place of one that has seen many files. */
  private void count() {
    lock.lock();
    try {
      if (++files % MOST_FILES == 0) { // again, if it could not be replaced
        tasks.add(this::replace);
      }
    } finally {
      lock.unlock();
    }
  }

  private void replace() {
    try {
      HostProcess fresh = fresh();
      HostProcess old;
      lock.lock();
      try {
        old = current;
        current = fresh;
        files = 0;
        if (closed) {
          fresh.close();
        }
      } finally {
        lock.unlock();
      }
      if (old != null) {
        old.retire();
      }
    } catch (IOException e) {
      log.warn("The process that checks files is not replaced: {}", e.getMessage());
    }
  }

  /** Loads the file of a version that is being checked. */
  public LoadedNetwork load(ModelVersion version, NetworkShapes shapes, Path path) {
    return HostedNetwork.load(host(), watch, version.weights().sha256(), path, shapes, e -> e);
  }

  /**
   * Has other work done in the process, as {@link HostProgram#run} was told.
   *
   * @param file by which its crash is explained
   * @param stopped whether nobody waits for the reply any more
   */
  public String task(String file, String kind, String request, BooleanSupplier stopped) {
    HostProcess host = host();
    HostMessage answer =
        host.request(
            file,
            lane -> {
              SharedTensors memory = lane.memory(SharedTensors.ALIGNMENT);
              memory.stop(false);
              try (RunWatch.Run _ = watch.watch(host, lane, stopped)) {
                return lane.call(new HostMessage.Task(kind, request, lane.newFile()));
              }
            });
    return switch (answer) {
      case HostMessage.Done(long _, String reply) -> reply;
      case HostMessage.Stopped _ -> throw new CancellationException("the caller has left");
      case HostMessage.Refused refused -> throw refused.exception();
      default -> throw new IllegalStateException("not an answer: " + answer);
    };
  }

  /**
   * Checks a file for the caller of this thread.
   *
   * @param pointer the part of the request that has the file
   * @param check uses {@link #load} or {@link #task}
   * @throws ServiceException what is wrong with it; WORKER_CRASHED when it ended the process;
   *     RATE_LIMITED for a caller whose files have done that
   */
  public void check(String pointer, Runnable check) {
    Identity caller = Identity.current();
    callers.refuse(caller);
    count();
    try {
      inTurn(turns.readLock(), check);
    } catch (LostHost first) {
      if (first.isFilesFault() && first.running().size() == 1) {
        throw crash(caller, pointer, first);
      }
      try {
        inTurn(turns.writeLock(), check);
      } catch (LostHost second) {
        if (second.isFilesFault()) {
          throw crash(caller, pointer, second);
        }
        throw new ServiceException(
            ErrorCode.UNAVAILABLE, "Two processes ended while they checked the file", second);
      }
    }
  }

  private static void inTurn(Lock turn, Runnable check) {
    try {
      if (!turn.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ServiceException(
            ErrorCode.UNAVAILABLE, "Other files are still checked; try again later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
    try {
      check.run();
    } finally {
      turn.unlock();
    }
  }

  private ServiceException crash(Identity caller, String pointer, LostHost lost) {
    callers.crashed(caller);
    String detail = "Native code crashes on this file: " + lost.reason();
    return new ServiceException(
        ErrorCode.WORKER_CRASHED, detail, List.of(new Violation(pointer, detail)));
  }

  /** Whether its process lives. */
  public boolean isReady() {
    HostProcess now = current;
    return now != null && now.isAlive();
  }

  @Override
  public void close() {
    tasks.close();
    lock.lock();
    try {
      closed = true;
      HostProcess now = current;
      if (now != null) {
        now.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
