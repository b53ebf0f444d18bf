package io.trainyard.memory;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process uses and what it may use. */
public final class ProcessMemory {
  private static final long PAGE = 4096;

  private ProcessMemory() {}

  /** Bytes of the resident set, Java heap included. */
  public static long resident() {
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
      return Long.parseLong(pages[1]) * PAGE;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The memory of the machine, or of the container when that has less. */
  public static long granted() {
    long machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return Math.min(machine, ControlGroup.ofThisProcess().limit().orElse(machine));
  }
}
