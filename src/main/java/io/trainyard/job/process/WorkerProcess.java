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
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * A worker process, from its start to its end, for its supervisor. The thread that starts it must
 * live as long as the supervisor: when that thread ends, the kernel ends the worker.
 */
public final class WorkerProcess {
  private final String name;
  private final Process process;
  private final Path crash;
  private final MemoryMeter meter;
  private final long oomKills;
  private volatile @Nullable Channel channel;
  private volatile @Nullable Calls calls;
  private final CompletableFuture<@Nullable WorkerDeath> end = new CompletableFuture<>();
  private volatile boolean stopping;
  private volatile long heardAt = System.nanoTime();

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

  /** Starts a process that has not connected yet. Its output becomes that of this process. */
  public static Starting start(Site site, DataSize heap, MemoryMeter meter) throws IOException {
    Files.createDirectories(site.crashes());
    CrashFile.deleteOldest(site.crashes());
    Path crash = CrashFile.unique(site.crashes());
    ControlSocket socket = ControlSocket.open(site.sockets());
    try {
      Process process =
          new ProcessBuilder(
                  WorkerCommand.ofThisProcess(site.main(), site.arguments())
                      .line(socket.path(), crash, heap))
              .inheritIO()
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      return new Starting(socket, new WorkerProcess(process, crash, meter));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
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
    calls = new Calls(opened);
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
    Calls open = calls;
    if (open == null) {
      return false;
    }
    try {
      open.call(number -> new Prove(number, version), limit);
      return true;
    } catch (Calls.LostException e) {
      WorkerDeath death = end.completeOnTimeout(null, limit.toMillis(), MILLISECONDS).join();
      if (death != null && death.isCrash() && death.isInProof()) {
        throw new ServiceException(
            ErrorCode.WORKER_CRASHED,
            "The native code that computes the network crashes on one row or on three rows: "
                + death.cause());
      }
      return false;
    }
  }

  /** The time since its last message, or since its start. */
  public Duration silence() {
    return Duration.ofNanos(System.nanoTime() - heardAt);
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
    WorkerDeath death =
        new WorkerDeath(
            code, meter.read().oomKills() > oomKills, CrashFile.read(crash).orElse(null));
    end.complete(death);
    return death;
  }
}
