package io.trainyard.process;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a process that this one has started ended.
 *
 * @param exitCode its exit code; 128 + n after signal n that the JVM did not catch
 * @param outOfMemory whether the kernel killed a process of this control group for memory
 * @param crash what the JVM wrote about a native fault, or null
 */
public record ProcessDeath(int exitCode, boolean outOfMemory, @Nullable CrashFile crash) {
  private static final int SIGNALS = 128;
  private static final int KILL = 9;

  /** A message to stop, SIGINT and SIGTERM. */
  private static final Set<Integer> ASKED = Set.of(0, SIGNALS + 2, SIGNALS + 15);

  /** The signals that faulty native code gets, by their numbers on Linux. */
  private static final Map<Integer, String> FAULTS =
      Map.of(4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 11, "SIGSEGV", 31, "SIGSYS");

  /** Whether native code crashed, rather than somebody or the kernel ended the process. */
  public boolean isCrash() {
    boolean faulty = FAULTS.containsKey(exitCode - SIGNALS) || hasSignal();
    return faulty && !isOutOfJavaMemory() && !isSent();
  }

  /** A JVM that writes no core file exits with 1 after it has written its crash file. */
  private boolean hasSignal() {
    return crash != null && !crash.signal().isEmpty();
  }

  private boolean isSent() {
    return crash != null && crash.sent();
  }

  /** Whether it is unknown which thread crashed; native libraries have threads of their own. */
  public boolean isInUnknownThread() {
    return crash == null || crash.thread().isEmpty();
  }

  /** The JVM gives up without a signal when it gets no memory. */
  private boolean isOutOfJavaMemory() {
    return crash != null && crash.signal().isEmpty() && crash.frame().isEmpty();
  }

  /** Whether the process ended as somebody asked it to, by a message or a signal. */
  public boolean isAskedFor() {
    return ASKED.contains(exitCode);
  }

  /** Whether the thread that crashed bears this text in its name; false when it is unknown. */
  public boolean happenedIn(String thread) {
    return crash != null && crash.thread().contains(thread);
  }

  /** The kinds of causes, for metrics. */
  public static final List<String> KINDS = List.of("memory", "crash", "other");

  /** The kind of the cause. */
  public String kind() {
    if (outOfMemory || isOutOfJavaMemory()) {
      return KINDS.get(0);
    }
    return KINDS.get(isCrash() ? 1 : 2);
  }

  /** What ended it, as in "SIGSEGV in at::native::add (libtorch_cpu.so)". */
  public String cause() {
    if (outOfMemory) {
      return "the kernel ended it for lack of memory";
    }
    if (isOutOfJavaMemory()) {
      return "it got no more memory";
    }
    if (crash != null && crash.sent()) {
      return crash.signal() + ", sent by another process";
    }
    if (crash != null && !crash.signal().isEmpty()) {
      return crash.frame().isEmpty() ? crash.signal() : crash.signal() + " in " + crash.frame();
    }
    if (exitCode == SIGNALS + KILL) {
      return "SIGKILL";
    }
    return FAULTS.getOrDefault(exitCode - SIGNALS, "exit code " + exitCode);
  }
}
