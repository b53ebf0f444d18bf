package io.trainyard.crash;

import io.trainyard.train.NonFiniteLossException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

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

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final AtomicLong deadline = new AtomicLong(Long.MAX_VALUE);
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
    deadline.set(System.nanoTime() + LIMIT.toNanos());
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

  private void watch() {
    while (System.nanoTime() < deadline.get()) {
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        return;
      }
    }
    Runtime.getRuntime().halt(HANGS);
  }
}
