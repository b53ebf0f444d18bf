package io.trainyard.job.process;

import io.trainyard.access.Identity;
import io.trainyard.job.process.Message.Answer;
import io.trainyard.job.process.Message.Command;
import io.trainyard.job.process.Message.Prove;
import io.trainyard.job.process.Message.Stop;
import io.trainyard.job.process.Message.Wake;
import io.trainyard.job.process.Message.Welcome;
import io.trainyard.memory.ProcessMemory;
import io.trainyard.os.PeriodicTask;
import io.trainyard.os.ProcessControl;
import io.trainyard.process.ControlSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The supervisor of this process, as the process sees it. A process that nobody supervises has
 * {@link #none}, which hears nothing and tells nobody.
 */
public final class Supervision {
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  /** The exit code of a worker whose supervisor has died. */
  private static final int ORPHANED = 3;

  private final @Nullable Channel channel;
  private final @Nullable Calls calls;
  private final @Nullable Welcome welcome;
  private final CountDownLatch listening = new CountDownLatch(1);

  /** One proof at a time: each has the memory of one. A crash file shows the thread's name. */
  private final ExecutorService proofs =
      Executors.newSingleThreadExecutor(
          Identity.service().threads(Thread.ofPlatform().daemon().name(WorkerDeath.PROOF)));

  private volatile Consumer<String> wake = _ -> {};
  private volatile Consumer<Command> command = _ -> {};
  private volatile Consumer<ProposedVersion> proof = _ -> {};

  private Supervision(@Nullable Channel channel, @Nullable Welcome welcome) {
    this.channel = channel;
    this.welcome = welcome;
    this.calls =
        channel == null ? null : new Calls(channel, call -> send(new Message.Released(call)));
  }

  public static Supervision none() {
    return new Supervision(null, null);
  }

  /** Connects to the supervisor that the arguments name, if they do. */
  public static Supervision of(String[] arguments) {
    for (String argument : arguments) {
      if (argument.startsWith(WorkerProcess.SUPERVISOR)) {
        try {
          return connect(argument.substring(WorkerProcess.SUPERVISOR.length()));
        } catch (IOException e) {
          Runtime.getRuntime().halt(ORPHANED);
        }
      }
    }
    return none();
  }

  private static Supervision connect(String socket) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    long parent = self.parent().map(ProcessHandle::pid).orElse(-1L);
    Channel channel = new Channel(ControlSocket.connect(socket), "supervisor");
    channel.send(new Message.Hello(self.pid()));
    if (!(channel.readOne() instanceof Welcome welcome)) {
      throw new IOException("the supervisor has not said welcome");
    }
    ProcessControl.leaveTerminal();
    ProcessControl.lowerPriority(welcome.nice());
    Supervision supervision = new Supervision(channel, welcome);
    beat(channel);
    Thread.ofPlatform().name("supervisor").start(() -> supervision.listen(channel, parent));
    return supervision;
  }

  /** Whether this process is a worker with a supervisor. */
  public boolean present() {
    return channel != null;
  }

  /** The name that the supervisor gave this process. */
  public String name() {
    return welcome == null ? ProcessName.make() : welcome.name();
  }

  /** The arguments with the settings that the supervisor has for this process. */
  public String[] arguments(String[] given) {
    if (welcome == null) {
      return given;
    }
    Map<String, String> settings = welcome.settings();
    List<String> all = new ArrayList<>();
    Arrays.stream(given)
        .filter(argument -> !settings.containsKey(name(argument)))
        .forEach(all::add);
    settings.forEach((name, value) -> all.add("--" + name + "=" + value));
    return all.toArray(String[]::new);
  }

  private static String name(String argument) {
    return argument.replaceFirst("^--", "").replaceFirst("=.*$", "");
  }

  // Listening

  /** Sets what happens when a job was queued in a pool. */
  public void onWake(Consumer<String> reaction) {
    wake = reaction;
  }

  /** Sets what happens when a job is to stop or was cancelled. */
  public void onCommand(Consumer<Command> reaction) {
    command = reaction;
  }

  /** Sets how a version is proved. */
  public void onProof(Consumer<ProposedVersion> reaction) {
    proof = reaction;
  }

  /** Begins to react, and tells the supervisor that this process takes jobs. */
  public void ready() {
    if (channel == null) {
      return;
    }
    listening.countDown();
    channel.send(new Message.Ready());
  }

  private static void beat(Channel open) {
    PeriodicTask.start(
        PeriodicTask.thread("heartbeat"),
        "heartbeat",
        Duration.ZERO,
        HEARTBEAT,
        () -> open.send(new Message.Heartbeat(ProcessMemory.resident())));
  }

  private void listen(Channel open, long parent) {
    try {
      ProcessControl.endWithParent(parent);
      open.read(
          message -> {
            awaitListening();
            hear(message);
          });
    } finally {
      // The supervisor has ended, or has closed this connection: nobody would know of this process.
      Runtime.getRuntime().halt(ORPHANED);
    }
  }

  private void awaitListening() {
    try {
      listening.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hear(Message message) {
    switch (message) {
      case Wake(String pool) -> wake.accept(pool);
      case Command sent -> command.accept(sent);
      case Prove(long call, ProposedVersion version) ->
          proofs.execute(() -> send(Answer.of(call, () -> proof.accept(version))));
      case Answer answer -> {
        if (calls != null) {
          calls.answered(answer);
        }
      }
      // Exits on another thread: this one must see the end of the connection.
      case Stop _ -> Thread.ofPlatform().name("stop").start(() -> System.exit(0));
      case Message.FromWorker _, Welcome _ ->
          throw new IllegalStateException("not a message to a worker: " + message);
    }
  }

  // Telling

  /** Tells the supervisor something, if there is one. */
  public void send(Message message) {
    if (channel != null) {
      channel.send(message);
    }
  }

  /**
   * Has the supervisor load versions.
   *
   * @param limit how long it may take
   */
  public Preloader preloader(Duration limit) {
    Calls open = calls;
    if (open == null) {
      throw new IllegalStateException("this process has no supervisor");
    }
    return version -> {
      ProposedVersion proposed = ProposedVersion.of(version);
      return new LoadedThere(open.call(call -> new Message.WarmUp(call, proposed), limit));
    };
  }

  /** A version that the supervisor has loaded, by the number of the call. */
  private final class LoadedThere implements Preloader.Preloaded {
    private final long call;

    LoadedThere(long call) {
      this.call = call;
    }

    @Override
    public void published(String model, int version) {
      send(new Message.Published(call, model, version));
    }

    @Override
    public void close() {
      send(new Message.Released(call));
    }
  }
}
