package io.trainyard.os;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many files and sockets the operating system lets this process have open. Callers must not
 * take the last one: without it the process can read no file and start no worker.
 */
public final class OpenFiles {
  /** Fewer leave none for callers. */
  public static final long LEAST = 224;

  /** What the process needs itself: its files, its workers, what it reads and writes for jobs. */
  private static final long OWN = 96;

  private OpenFiles() {}

  /** The limit; very many where there is none. */
  public static long most() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /**
   * How many connections of one kind there may be.
   *
   * @param most the limit
   * @param share of what the process does not need, as in 2 for a half
   */
  public static int connections(long most, int share) {
    return Math.clamp((most - OWN) / share, 1, Integer.MAX_VALUE);
  }
}
