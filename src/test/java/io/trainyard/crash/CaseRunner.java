package io.trainyard.crash;

import io.trainyard.train.diagnosis.NonFiniteLossException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The child process: runs the networks of a range of numbers, and writes a line before and after
 * each, so that its parent knows which one ended it.
 */
final class CaseRunner {
  static final String BEGIN = "begin ";
  static final String DONE = "done ";
  static final String DIVERGED = "diverged ";
  static final String FAILED = "failed ";

  /** The exit status when a network takes too long. */
  static final int HANGS = 3;

  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A network may take a minute. */
  private static final int MOST_PAUSES = 600;

  private static final int SHOWN_CALLS = 15;

  private final AtomicInteger pauses = new AtomicInteger();
  private final PrintStream out = System.out;

  private CaseRunner() {}

  /**
   * Runs every {@code step}-th network.
   *
   * @param arguments seed, first number, end of the numbers, step, and the number that {@link
   *     UnguardedGroupNorm} takes, or −1
   */
  public static void main(String[] arguments) {
    long[] numbers = new long[arguments.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Long.parseLong(arguments[i]);
    }
    CaseRunner runner = new CaseRunner();
    Thread.ofPlatform().daemon().start(runner::watch);
    NetworkCases cases = new NetworkCases(numbers[0]);
    for (long number = numbers[1]; number < numbers[2]; number += numbers[3]) {
      runner.run(number, number == numbers[4], cases);
    }
    System.exit(0);
  }

  private void run(long number, boolean planted, NetworkCases cases) {
    pauses.set(0);
    out.println(BEGIN + number);
    out.flush();
    String result = DONE + number;
    try {
      if (planted) {
        UnguardedGroupNorm.train();
      } else {
        new CaseRun(cases.get(number)).run();
      }
    } catch (NonFiniteLossException e) {
      result = DIVERGED + number;
    } catch (Throwable e) {
      result = FAILED + number + " " + e.toString().replaceAll("\\s+", " ");
    }
    out.println(result);
    out.flush();
  }

  /** Counts its own pauses instead of the time, because a machine may stop for a while. */
  private void watch() {
    while (pauses.incrementAndGet() < MOST_PAUSES) {
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      }
    }
    Thread.getAllStackTraces().forEach(CaseRunner::show);
    System.err.flush();
    Runtime.getRuntime().halt(HANGS);
  }

  /** Writes what a thread of the network does, in one line. */
  private static void show(Thread thread, StackTraceElement[] calls) {
    if (thread.getName().equals("main") || thread.getName().startsWith("compute")) {
      String shown =
          Stream.of(calls)
              .limit(SHOWN_CALLS)
              .map(call -> call.getClassName() + "." + call.getMethodName())
              .collect(Collectors.joining(" < "));
      System.err.println(thread.getName() + " in " + shown);
    }
  }
}
