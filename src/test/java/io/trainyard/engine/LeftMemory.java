package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.NativeMemory;
import java.util.concurrent.locks.LockSupport;

/**
 * Proves that work leaves no tensor behind, by the bytes that malloc has given out. Pointers cannot
 * be counted: the engine doesn't let JavaCPP register them. The JVM's own threads allocate some
 * megabytes at times, so tensors must be large, and only what grows in each of some tries counts.
 */
public final class LeftMemory {
  private static final int TIMES = 40;
  private static final int TRIES = 3;
  private static final long MOST = 1L << 30;

  private LeftMemory() {}

  /**
   * Runs work once to warm up, and then often.
   *
   * @param tensor the bytes of the smallest tensor that it may not leave, at least 200 kB
   */
  public static void assertNone(long tensor, Runnable work) {
    assertThat(tensor).isGreaterThanOrEqualTo(200_000);
    work.run();
    long kept = NativeHandles.kept();
    long left = Long.MAX_VALUE;
    for (int i = 0; i < TRIES && left >= TIMES * tensor / 2; i++) {
      long before = allocated();
      for (int run = 0; run < TIMES; run++) {
        work.run();
        // A leak must not fill the machine.
        assertThat(NativeMemory.now().allocated() - before).isLessThan(MOST);
      }
      left = NativeMemory.now().allocated() - before;
      if (left >= TIMES * tensor / 2) {
        left = allocated() - before;
      }
    }
    assertThat(left).as("bytes left by %d runs", TIMES).isLessThan(TIMES * tensor / 2);
    assertThat(NativeHandles.kept()).as("handles").isEqualTo(kept);
  }

  /** Without the host tensors that the garbage collector frees. */
  private static long allocated() {
    long last = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      System.gc();
      LockSupport.parkNanos(20_000_000);
      long now = NativeMemory.now().allocated();
      if (now >= last - 100_000) {
        return Math.min(now, last);
      }
      last = now;
    }
    return last;
  }
}
