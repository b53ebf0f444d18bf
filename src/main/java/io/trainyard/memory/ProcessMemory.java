package io.trainyard.memory;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process uses and what it may use. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /**
   * Bytes of the resident set, Java heap included, without the pages of mapped files: the kernel
   * drops those when memory is short, so no process dies of them.
   */
  public static long resident() {
    try {
      long bytes = 0;
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          bytes += kilobytes(line) * 1024;
        } else if (line.startsWith("RssFile:")) {
          bytes -= kilobytes(line) * 1024;
        }
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of a line like {@code VmRSS: 1234 kB}. */
  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  /** The memory of the machine, or of the container when that has less. */
  public static long granted() {
    long machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return Math.min(machine, ControlGroup.ofThisProcess().limit().orElse(machine));
  }
}
