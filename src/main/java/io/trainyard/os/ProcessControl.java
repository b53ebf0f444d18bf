package io.trainyard.os;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process asks of the kernel for itself and its threads. A refusal is logged and changes
 * nothing else.
 */
public final class ProcessControl {
  private static final Logger log = LoggerFactory.getLogger(ProcessControl.class);
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int SIGKILL = 9;
  private static final int PRIO_PROCESS = 0;

  /** Linux takes it for the calling thread, not for all of its process. */
  private static final int CALLING_THREAD = 0;

  /** Of −1000..1000: when memory runs out, the kernel ends workers first. */
  private static final String OOM_SCORE = "500";

  private static final Linker LINKER = Linker.nativeLinker();

  private ProcessControl() {}

  /**
   * Ends this process when the thread that started it ends. The calling thread must live as long as
   * the process.
   *
   * @param parent the id of the process that should live
   */
  public static void endWithParent(long parent) {
    invoke(
        "prctl",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
        PR_SET_PDEATHSIG,
        (long) SIGKILL);
    boolean alive = ProcessHandle.current().parent().map(now -> now.pid() == parent).orElse(false);
    if (!alive) {
      Runtime.getRuntime().halt(1);
    }
  }

  /**
   * Leaves the process group that the terminal signals: Ctrl-C reaches the supervisor, which ends
   * this. It stays in the session: where Linux schedules sessions as groups (sched(7), "The
   * autogroup feature"), it compares nice values within a session only.
   */
  public static void leaveTerminal() {
    invoke(
        "setpgid",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        0,
        0);
  }

  /** Lowers the priority of all threads; later ones inherit it from the thread that starts them. */
  public static void lowerPriority(int nice) {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), OOM_SCORE);
    } catch (IOException e) {
      log.debug("The kernel decides itself what ends first: {}", e.toString());
    }
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      threads
          .map(thread -> Integer.parseInt(thread.getFileName().toString()))
          .forEach(thread -> setPriority(thread, nice));
    } catch (IOException e) {
      log.debug("The priority stays: {}", e.toString());
    }
  }

  /**
   * Lowers the priority of the calling platform thread and of the threads that it starts, native
   * ones too.
   *
   * @param nice 0..19; each step gives a busy thread about 10 % less of a busy core
   */
  public static void lowerThreadPriority(int nice) {
    setPriority(CALLING_THREAD, nice);
  }

  private static void setPriority(int thread, int nice) {
    invoke(
        "setpriority",
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        PRIO_PROCESS,
        thread,
        nice);
  }

  private static void invoke(String name, FunctionDescriptor descriptor, Object... arguments) {
    try {
      MethodHandle function =
          LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), descriptor);
      Object result = function.invokeWithArguments(arguments);
      if (result instanceof Integer code && code < 0) {
        log.debug("{} was refused", name);
      }
    } catch (Throwable e) {
      log.debug("{} is not available: {}", name, e.toString());
    }
  }
}
