package io.trainyard.job.process;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.process.Message.Answer;
import io.trainyard.job.process.Message.Hello;
import io.trainyard.job.process.Message.Prove;
import io.trainyard.job.process.Message.Stop;
import io.trainyard.job.process.Message.Welcome;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.process.ControlSocket;
import io.trainyard.process.CrashFile;
import io.trainyard.process.ProcessCommand;
import io.trainyard.process.ProcessDeath;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * A worker process, from its start to its end, for its supervisor. The thread that starts it must
 * live as long as the supervisor: when that thread ends, the kernel ends the worker.
 */
public final class WorkerProcess {
  /** The argument that makes a process a worker: the path of the control socket. */
  static final String SUPERVISOR = "--trainyard.supervisor=";

  /** Begins the names of workers' crash files. */
  private static final String CRASHES = "worker";

  /**
   * Most of its work is native, so compilers that begin later make its start cheaper, by about a
   * tenth of its processor time, and trainings of less than a second hardly slower.
   */
  private static final List<String> COMPILERS = List.of("-XX:CompileThresholdScaling=2");

  /** How long the end of a process may take after that of its connection, in milliseconds. */
  private static final long LAST_WORDS = 15_000;

  /** Heartbeats come every second; a pause of the machine is no reason to kill a worker. */
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(15);

  private static final Duration LONGEST_START = Duration.ofMinutes(3);

  /** The exit code of a process that the kernel or somebody killed. */
  private static final int KILLED = 137;

  private final String name;
  private final Process process;
  private final Path crash;
  private final MemoryMeter meter;
  private final long oomKills;
  private volatile @Nullable Channel channel;
  private volatile @Nullable Calls calls;
  private final CompletableFuture<@Nullable WorkerDeath> end = new CompletableFuture<>();
  private final ReentrantLock proof = new ReentrantLock();
  private volatile boolean proving;
  private volatile boolean stopping;
  private volatile long heardAt = System.nanoTime();
  private final Map<String, Integer> occupied = new ConcurrentHashMap<>();

  private WorkerProcess(Process process, Path crash, MemoryMeter meter) {
    this.name = ProcessName.of(process.pid());
    this.process = process;
    this.crash = crash;
    this.meter = meter;
    this.oomKills = meter.read().oomKills();
  }

  /**
   * Where workers are started.
   *
   * @param main the class to start, where the program is no executable jar
   * @param arguments the arguments of this process
   * @param sockets a folder for control sockets
   * @param crashes a folder for the crash files of the JVM
   */
  public record Site(String main, List<String> arguments, Path sockets, Path crashes) {
    public Site {
      arguments = List.copyOf(arguments);
    }
  }

  /** Opens a socket as each start does. */
  public static void check(Site site) throws IOException {
    ControlSocket.open(site.sockets()).close();
  }

  /** Starts a process that has not connected yet. Its output becomes that of this process. */
  public static Starting start(Site site, DataSize heap, MemoryMeter meter) throws IOException {
    ControlSocket.privateFolder(site.crashes());
    CrashFile.deleteOldest(site.crashes(), CRASHES);
    Path crash = CrashFile.unique(site.crashes(), CRASHES);
    ControlSocket socket = ControlSocket.open(site.sockets());
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
                  commandLine(
                      ProcessCommand.ofThisProcess(site.main(), site.arguments()),
                      socket.path(),
                      crash,
                      heap))
              .inheritIO()
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.environment().keySet().removeAll(ProcessCommand.OPTION_VARIABLES);
      return new Starting(socket, new WorkerProcess(builder.start(), crash, meter));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  static List<String> commandLine(ProcessCommand command, Path socket, Path crash, DataSize heap) {
    List<String> arguments = new ArrayList<>(command.arguments());
    arguments.add(SUPERVISOR + socket);
    return command.line(crash, heap, COMPILERS, arguments);
  }

  /** A process that has not connected yet. */
  public record Starting(ControlSocket socket, WorkerProcess worker) {
    /**
     * Waits until it connects, and reads what it says until the connection ends. Returns at once
     * when the process dies first.
     *
     * @param welcome what it is told first
     */
    public void serve(Welcome welcome, Consumer<Message> reader) throws IOException {
      var _ = worker.process.onExit().thenRun(this::closeSocket);
      try (SocketChannel accepted = socket.accept()) {
        Channel opened = new Channel(accepted, worker.name);
        try (opened) {
          if (!(opened.readOne() instanceof Hello hello) || hello.pid() != worker.process.pid()) {
            throw new IOException("another process has connected");
          }
          worker.connected(opened);
          opened.send(welcome);
          opened.read(message -> worker.hear(message, reader));
        }
      } finally {
        closeSocket();
        worker.disconnected();
      }
    }

    private void closeSocket() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private void connected(Channel opened) {
    calls = new Calls(opened, _ -> {}); // a proof leaves nothing behind
    channel = opened;
    if (stopping) {
      opened.send(new Stop());
    }
  }

  private void disconnected() {
    channel = null;
    Calls open = calls;
    if (open != null) {
      open.end();
    }
  }

  private void hear(Message message, Consumer<Message> reader) {
    heardAt = System.nanoTime();
    if (message instanceof Answer answer) {
      Calls open = calls;
      if (open != null) {
        open.answered(answer);
      }
    } else {
      reader.accept(message);
    }
  }

  public String name() {
    return name;
  }

  /** Sends a message, if the worker is connected. */
  public void send(Message message) {
    Channel open = channel;
    if (open != null) {
      open.send(message);
    }
  }

  /**
   * Asks whether a version answers.
   *
   * @throws ServiceException if it does not; WORKER_CRASHED when that ended the worker
   * @return false when the worker ended for another reason, before it answered
   */
  boolean prove(ProposedVersion version, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    // One at a time: a proof has the memory of one, and a crash is that of the only one.
    if (!tryLock(limit)) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "Other versions are still checked; try again later");
    }
    try {
      Calls open = calls;
      return open != null && prove(open, version, Duration.ofNanos(deadline - System.nanoTime()));
    } finally {
      proof.unlock();
    }
  }

  private boolean tryLock(Duration limit) {
    try {
      return proof.tryLock(limit.toMillis(), MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  private boolean prove(Calls open, ProposedVersion version, Duration left) {
    proving = true;
    try {
      open.call(number -> new Prove(number, version), left);
      proving = false;
      return true;
    } catch (Calls.LostException e) {
      // It stays true: the death is explained by it.
      WorkerDeath death = end.copy().completeOnTimeout(null, LAST_WORDS, MILLISECONDS).join();
      if (death != null && death.isCrashOfProof()) {
        throw new ServiceException(
            ErrorCode.WORKER_CRASHED,
            "The native code that computes the network crashes on one row or on three rows: "
                + death.process().cause());
      }
      return false;
    } catch (ServiceException e) {
      proving = false;
      throw e;
    }
  }

  /** Notes how many jobs of a pool it runs. */
  public void occupies(String pool, int slots) {
    occupied.put(pool, slots);
  }

  /** How many jobs of a pool it runs. */
  int occupied(String pool) {
    return occupied.getOrDefault(pool, 0);
  }

  /** Whether it is connected, so that it has not ended. */
  public boolean isConnected() {
    return channel != null;
  }

  /**
   * Whether it has said nothing for a time. A process that is starting says nothing until it is
   * connected, and gets longer.
   */
  public boolean isSilent(Duration limit) {
    Duration allowed = longer(limit, isConnected() ? LEAST_SILENCE : LONGEST_START);
    return System.nanoTime() - heardAt > allowed.toNanos();
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Asks it to suspend its jobs and end. */
  public void stop() {
    stopping = true;
    send(new Stop());
  }

  /** Waits for its end; false when the time is over. */
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), MILLISECONDS);
  }

  public void kill() {
    process.destroyForcibly();
  }

  /** How it ended; waits for the end. */
  public WorkerDeath death() throws InterruptedException {
    int code = process.waitFor();
    ProcessDeath ended =
        new ProcessDeath(
            code,
            code == KILLED && meter.read().oomKills() > oomKills,
            CrashFile.read(crash).orElse(null));
    WorkerDeath death = new WorkerDeath(ended, proving);
    end.complete(death);
    return death;
  }
}
