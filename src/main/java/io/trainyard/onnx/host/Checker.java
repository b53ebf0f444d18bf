package io.trainyard.onnx.host;

import io.trainyard.access.FairTurns;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

/**
 * The host in which files of one kind are computed before they are stored. It is started in
 * advance, and a new one takes its place after its death or after so many files. Callers take turns
 * in it. A file that crashes it is refused, once it has crashed a process that computed nothing
 * else: files that were beside it are each tried again in a process of their own.
 */
public final class Checker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Checker.class);

  /** What files leave behind in a process ends with it. */
  static final int MOST_FILES = 100;

  /** How long anything with a file may take, as a rule. */
  public static final Duration LONGEST_TASK = HostWatch.LONGEST_LOAD;

  /** Processes for one file each, at the same time. */
  static final int MOST_APART = 2;

  /** One caller has at most this part of the places. */
  private static final int PART_OF_ONE = 4;

  /** How long a caller waits for a place. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private static final Duration RETRY = Duration.ofSeconds(5);

  /** How often it is asked whether the caller of a file still waits. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long it may go on when nobody waits for it any more. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final ScopedValue<Attempt> CURRENT = ScopedValue.newInstance();

  private final HostSite site;
  private final Purpose purpose;
  private final Consumer<String> onDeath;
  private final CrashingCallers callers;
  private final FairTurns turns;
  private final FairTurns apart = new FairTurns(MOST_APART, 1);
  private final Duration longestWait;
  private final HostWatch watch;
  private final HostTasks tasks;

  private final ReentrantLock lock = new ReentrantLock();

  /** Changed under the lock, which is held while it starts. */
  private volatile @Nullable HostProcess current;

  private volatile boolean closed;

  /** Guarded by the lock. */
  private int files;

  /**
   * What its process is for.
   *
   * @param name of its thread
   * @param heap the largest Java heap
   * @param nice how much lower its priority is
   * @param preparations by kind, tasks that a new process does first
   */
  public record Purpose(String name, DataSize heap, int nice, Map<String, String> preparations) {
    public Purpose {
      preparations = Map.copyOf(preparations);
    }
  }

  /** One try of a file in a process. */
  private static final class Attempt {
    private final HostProcess host;
    private volatile boolean over;

    /** By which its crash is explained; set by the thread that computes it. */
    private volatile String file = "";

    Attempt(HostProcess host) {
      this.host = host;
    }

    /** Whether nobody waits for it any more. */
    boolean isOver() {
      return over;
    }
  }

  /**
   * @param callers those whose files have crashed any checker
   * @param onDeath told the kind of each death
   */
  public Checker(
      HostSite site, Purpose purpose, CrashingCallers callers, Consumer<String> onDeath) {
    this(site, purpose, callers, LONGEST_WAIT, PATIENCE, onDeath);
  }

  Checker(
      HostSite site,
      Purpose purpose,
      CrashingCallers callers,
      Duration longestWait,
      Duration patience,
      Consumer<String> onDeath) {
    this.site = site;
    this.purpose = purpose;
    this.callers = callers;
    this.onDeath = onDeath;
    this.longestWait = longestWait;
    this.watch = new HostWatch(patience, HostWatch.LONGEST_LOAD);
    this.turns = new FairTurns(site.lanes(), Math.max(1, site.lanes() / PART_OF_ONE));
    this.tasks = new HostTasks(purpose.name());
  }

  /** Starts the process after a pause, so that the first file does not wait for it. */
  void start(Duration pause) {
    tasks.add(pause, this::host);
  }

  private HostProcess host() {
    lock.lock();
    try {
      refuseIfClosed();
      HostProcess now = current;
      if (now == null || !now.isAlive()) {
        now = fresh();
        current = now;
        files = 0;
        if (closed) {
          now.close(); // the end of the service does not wait for a start
        }
      }
      return now;
    } finally {
      lock.unlock();
    }
  }

  private HostProcess started(DataSize heap) {
    try {
      return HostProcess.start(site, heap, purpose.nice(), this::lost);
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "A process that checks files cannot be started now", e);
    }
  }

  private HostProcess fresh() {
    HostProcess host = started(purpose.heap());
    purpose
        .preparations()
        .forEach(
            (kind, request) ->
                tasks.add(() -> task(new Attempt(host), kind, LONGEST_TASK, request)));
    return host;
  }

  private void lost(LostHost lost) {
    log.error("A process that checks files died: {}", lost.reason());
    onDeath.accept(lost.kind());
    if (lost.host().equals(current)) {
      tasks.restart(lost.host(), this::host);
    }
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
  }

  /** Loads the file of a version that is being checked, within {@link #check}. */
  public LoadedNetwork load(ModelVersion version, NetworkShapes shapes, Path path) {
    Attempt attempt = CURRENT.get();
    attempt.file = version.weights().sha256();
    return HostedNetwork.load(attempt.host, watch, version, path, shapes, attempt::isOver, e -> e);
  }

  /**
   * Has other work done with a file, as {@link HostProgram#run} was told; as {@link #check}.
   *
   * @param longest how long it may take, without the wait for a turn
   * @param request names the file
   */
  public String reply(
      String pointer,
      long bytes,
      Duration longest,
      BooleanSupplier left,
      String kind,
      String request) {
    AtomicReference<@Nullable String> reply = new AtomicReference<>();
    check(pointer, bytes, left, () -> reply.set(task(CURRENT.get(), kind, longest, request)));
    return Objects.requireNonNull(reply.get());
  }

  private String task(Attempt attempt, String kind, Duration longest, String request) {
    attempt.file = request;
    HostMessage answer =
        attempt.host.request(
            request,
            lane -> {
              SharedTensors memory = lane.memory(SharedTensors.ALIGNMENT);
              memory.stop(false);
              long end = System.nanoTime() + longest.toNanos();
              BooleanSupplier over = () -> attempt.isOver() || System.nanoTime() - end > 0;
              try (RunWatch.Run _ = watch.watch(attempt.host, lane, request, over)) {
                return lane.call(new HostMessage.Task(kind, request, lane.newFile()));
              }
            });
    return switch (answer) {
      case HostMessage.Done(long _, String reply) -> reply;
      case HostMessage.Stopped _ when attempt.isOver() ->
          throw new CancellationException("the caller has left");
      case HostMessage.Stopped _ ->
          throw new ServiceException(
              ErrorCode.UNAVAILABLE,
              "Reading the file took longer than "
                  + longest.toSeconds()
                  + " s; retry when the service has less to do",
              RETRY);
      case HostMessage.Refused refused -> throw refused.exception();
      default -> throw new IllegalStateException("not an answer: " + answer);
    };
  }

  /**
   * Checks a file for the caller of this thread, who waits for a turn.
   *
   * @param pointer the part of the request that has the file
   * @param bytes what reading it may take on the heap beyond the usual
   * @param left whether the caller has left; asked on this thread
   * @param check uses {@link #load}; it may run twice
   * @throws ServiceException what is wrong with it; WORKER_CRASHED when it ended the process;
   *     RATE_LIMITED for a caller whose files have done that; QUEUE_FULL when others are checked
   *     for too long
   */
  public void check(String pointer, long bytes, BooleanSupplier left, Runnable check) {
    String caller = Identity.current().counted();
    callers.refuse(caller);
    try (FairTurns.Turn _ = turn(turns, caller, left)) {
      callers.refuse(caller);
      if (callers.isApart(caller) || !passes(caller, pointer, left, check)) {
        try (FairTurns.Turn _ = turn(apart, caller, left)) {
          callers.refuse(caller);
          passApart(caller, pointer, bytes, left, check);
        }
      }
    }
  }

  private FairTurns.Turn turn(FairTurns from, String caller, BooleanSupplier left) {
    try {
      FairTurns.Turn turn = from.take(caller, longestWait, () -> refuseIfOver(left));
      if (turn == null) {
        throw new ServiceException(
            ErrorCode.QUEUE_FULL,
            "Other files are still being checked; send it again later",
            RETRY);
      }
      return turn;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping");
    }
  }

  private void refuseIfOver(BooleanSupplier left) {
    refuseIfClosed();
    if (left.getAsBoolean()) {
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The caller has left");
    }
  }

  /** Tries a file beside others; false when that does not show whether it is at fault. */
  private boolean passes(String caller, String pointer, BooleanSupplier left, Runnable check) {
    Attempt attempt = new Attempt(host());
    count();
    try {
      run(attempt, left, check);
      return true;
    } catch (LostHost lost) {
      if (lost.isFilesFault() && lost.running().equals(Set.of(attempt.file))) {
        throw crash(caller, pointer, lost);
      }
      return false;
    } catch (ServiceException e) {
      if (isLackOfMemory(e)) { // which others may have taken
        return false;
      }
      throw e;
    }
  }

  private static boolean isLackOfMemory(ServiceException e) {
    return e.code() == ErrorCode.TOO_MUCH_MEMORY || e.code() == ErrorCode.OUT_OF_MEMORY;
  }

  private void passApart(
      String caller, String pointer, long bytes, BooleanSupplier left, Runnable check) {
    HostProcess own = started(DataSize.ofBytes(purpose.heap().toBytes() + bytes));
    try {
      run(new Attempt(own), left, check);
    } catch (LostHost lost) {
      if (lost.isFilesFault()) {
        throw crash(caller, pointer, lost);
      }
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "Two processes ended while they checked the file", lost);
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.OUT_OF_MEMORY) {
        String detail = "The file needs more memory than a check of it may take";
        throw new ServiceException(
            ErrorCode.TOO_MUCH_MEMORY, detail, List.of(new Violation(pointer, detail)));
      }
      throw e;
    } finally {
      own.close();
    }
  }

  /**
   * Runs on another thread, so that this one can ask whether the caller waits. What it computes
   * after the caller has left ends soon, and does not count.
   */
  private void run(Attempt attempt, BooleanSupplier left, Runnable check) {
    FutureTask<Boolean> task =
        new FutureTask<>(() -> ScopedValue.where(CURRENT, attempt).run(check), true);
    Thread.ofVirtual().name(purpose.name()).start(Identity.current().doing(task));
    ServiceException over = null;
    boolean interrupted = false;
    while (true) {
      try {
        var _ = task.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        break;
      } catch (TimeoutException e) {
        over = over == null ? overNow(left) : over;
      } catch (InterruptedException e) {
        interrupted = true;
        over = new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
      } catch (ExecutionException e) {
        if (over != null && e.getCause() instanceof LostHost lost && lost.isOverrun()) {
          callers.overran(Identity.current().counted());
        }
        over = over == null && closed ? overNow(left) : over;
        if (over == null) {
          throw failure(e.getCause());
        }
        break;
      } finally {
        attempt.over = over != null;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (over != null) {
      throw over;
    }
  }

  private @Nullable ServiceException overNow(BooleanSupplier left) {
    try {
      refuseIfOver(left);
      return null;
    } catch (ServiceException e) {
      return e;
    }
  }

  private static RuntimeException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case Error e -> throw e;
      case RuntimeException e -> e;
      case null, default -> new IllegalStateException(cause);
    };
  }

  private ServiceException crash(String caller, String pointer, LostHost lost) {
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
    closed = true;
    tasks.close();
    HostProcess now = current;
    if (now != null) {
      now.close();
    }
  }
}
