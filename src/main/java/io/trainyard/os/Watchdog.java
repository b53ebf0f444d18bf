package io.trainyard.os;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when it cannot work any more: when a thread that it needs has died, as of an
 * error for lack of memory, or when the process does not answer itself. What started it starts it
 * again: systemd, Docker, the kubelet, or the supervisor of a worker.
 *
 * <p>It counts its own rounds, not the clock: a process that was stopped, or whose clock has
 * jumped, is not late.
 */
public final class Watchdog {
  /** The exit code; sysexits.h calls it EX_SOFTWARE. */
  public static final int EXIT_CODE = 70;

  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final long ROUND_MILLIS = 1_000;

  /** Room for threads that start while they are listed. */
  private static final int MORE_THREADS = 32;

  /** Rounds in which the process may be silent. */
  private static final int PATIENCE = 30;

  /** A thread may be seen dead while the process begins to stop. */
  private static final int LOST_ROUNDS = 2;

  private static final FileOutputStream STDERR = new FileOutputStream(FileDescriptor.err);
  private static final Duration LOG_TIME = Duration.ofSeconds(1);

  /** The one of this process, once it is armed. */
  private static volatile @Nullable Watchdog armed;

  /** Copied by each change, so that a round needs no memory: there may be none. */
  private volatile Watched[] watched = {};

  private final End end;

  /** What ends the process. */
  @FunctionalInterface
  interface End {
    void end(String reason, byte[] line);
  }

  /** Something that is watched until it is closed. */
  public abstract static class Watched implements AutoCloseable {
    private final String reason;

    /** What is written when the process ends; made now, as there may be no memory then. */
    private final byte[] line;

    private int rounds;

    Watched(String fault) {
      this.reason = fault + "; this process ends, with exit code " + EXIT_CODE;
      this.line = (reason + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Whether the process must end. */
    abstract boolean isLost();

    /** Whether there is nothing to watch any more, in this round and in all later ones. */
    boolean isOver() {
      return false;
    }

    /** Ends the watch: its thread may end now. */
    @Override
    public void close() {
      Watchdog one = armed;
      if (one != null) {
        one.remove(this);
      }
    }
  }

  Watchdog(End end) {
    this.end = end;
  }

  /**
   * Starts to watch this process until it begins to stop. What is added before is not watched, so
   * that a process which runs as a part of another one never ends it.
   */
  @SuppressWarnings("ThreadPriorityCheck") // it must run when all other threads want to
  public static synchronized void arm() {
    if (armed != null) {
      return;
    }
    Watchdog one = new Watchdog(Watchdog::endProcess);
    armed = one;
    Thread thread = Thread.ofPlatform().daemon().name("watchdog").unstarted(one::run);
    thread.setPriority(Thread.MAX_PRIORITY);
    Runtime.getRuntime().addShutdownHook(new Thread(Watchdog::disarm, "watchdog-end"));
    thread.start();
  }

  /** Whether this process is watched. */
  public static boolean isArmed() {
    return armed != null;
  }

  /** Ends no process any more: it stops by itself. */
  public static void disarm() {
    armed = null;
  }

  /** Watches a thread that must not end. */
  public static Watched thread(Thread thread) {
    return condition(
        "The thread '" + thread.getName() + "' has ended",
        () -> thread.getState() == Thread.State.TERMINATED);
  }

  /** Watches the threads of these names, which a library has started. */
  public static List<Watched> threads(Set<String> names) {
    Thread[] all = new Thread[2 * Thread.activeCount() + MORE_THREADS];
    int count = Thread.enumerate(all);
    return Arrays.stream(all, 0, count)
        .filter(thread -> names.contains(thread.getName()))
        .map(Watchdog::thread)
        .toList();
  }

  /** A thread, not yet started, that must not die before its loop returns. */
  public static Thread loop(String name, Runnable loop) {
    Watched[] watched = new Watched[1];
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .unstarted(
                () -> {
                  loop.run();
                  watched[0].close();
                });
    watched[0] = thread(thread);
    return thread;
  }

  /**
   * Watches a condition.
   *
   * @param fault the reason why the process must end
   */
  public static Watched condition(String fault, BooleanSupplier holds) {
    return add(ofCondition(fault, holds, () -> false));
  }

  /**
   * Watches a condition until its watch is over.
   *
   * @param fault the reason why the process must end
   */
  static Watched condition(String fault, BooleanSupplier holds, BooleanSupplier over) {
    return add(ofCondition(fault, holds, over));
  }

  static Watched ofCondition(String fault, BooleanSupplier holds, BooleanSupplier over) {
    return new Watched(fault) {
      @Override
      boolean isLost() {
        return holds.getAsBoolean();
      }

      @Override
      boolean isOver() {
        return over.getAsBoolean();
      }
    };
  }

  /** Watches whether the process answers itself. Each answer is told by {@link Answers#heard}. */
  public static Answers answers(String of) {
    return add(new Answers(of));
  }

  /** Answers of the process to itself. */
  public static final class Answers extends Watched {
    private volatile int silent;

    Answers(String of) {
      super(of + " has not answered for " + PATIENCE + " s");
    }

    /** Notes an answer. */
    public void heard() {
      silent = 0;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // an answer in between comes again
    boolean isLost() {
      silent++;
      return silent > PATIENCE;
    }
  }

  private static <W extends Watched> W add(W watched) {
    Watchdog one = armed;
    return one == null ? watched : one.watch(watched);
  }

  synchronized <W extends Watched> W watch(W one) {
    Watched[] more = Arrays.copyOf(watched, watched.length + 1);
    more[watched.length] = one;
    watched = more;
    return one;
  }

  private synchronized void remove(Watched one) {
    watched = Arrays.stream(watched).filter(each -> !each.equals(one)).toArray(Watched[]::new);
  }

  private void run() {
    while (armed == this) {
      try {
        Thread.sleep(ROUND_MILLIS);
        round();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Looks at everything once. */
  void round() {
    for (Watched one : watched) {
      if (one.isOver()) {
        forget(one);
        continue;
      }
      one.rounds = one.isLost() ? one.rounds + 1 : 0;
      if (one.rounds >= LOST_ROUNDS) {
        end.end(one.reason, one.line);
        return;
      }
    }
  }

  private void forget(Watched one) {
    try {
      remove(one);
    } catch (OutOfMemoryError e) {
      // A later round removes it.
    }
  }

  int size() {
    return watched.length;
  }

  /** How many this process watches. */
  public static int count() {
    Watchdog one = armed;
    return one == null ? 0 : one.size();
  }

  /** Past all locks: a thread that has died may hold them. */
  private static void write(byte[] line) {
    try {
      STDERR.write(line);
    } catch (IOException e) {
      // Nobody listens.
    }
  }

  /** Neither the log nor its reader may hold this up. */
  private static void endProcess(String reason, byte[] line) {
    if (armed == null) {
      return; // the process stops already
    }
    try {
      boolean[] said = new boolean[1];
      Thread writer =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    log.error(reason);
                    said[0] = true;
                  });
      if (writer.join(LOG_TIME) && !said[0]) {
        write(line);
      }
    } catch (Throwable e) { // too little memory for a thread
      write(line);
    } finally {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
