package io.trainyard.engine.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A measurement of memory outside the Java heap.
 *
 * @param resident bytes of the process's resident set, Java heap included
 * @param allocated bytes allocated by malloc and not freed
 */
public record NativeMemory(long resident, long allocated) {
  private static final long PAGE = 4096;

  /** Measures this process. */
  public static NativeMemory now() {
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
      return new NativeMemory(Long.parseLong(pages[1]) * PAGE, Libc.allocatedBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns malloc's free memory to the operating system; called after each job. */
  public static void trim() {
    Libc.trim();
  }
}
