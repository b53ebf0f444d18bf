package io.trainyard.engine.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory outside the Java heap.
 *
 * @param resident the process's resident set, heap included
 * @param allocated what malloc has handed out and not taken back
 */
public record NativeMemory(long resident, long allocated) {
  private static final long PAGE = 4096;

  /** A reading of this process. */
  public static NativeMemory now() {
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
      return new NativeMemory(Long.parseLong(pages[1]) * PAGE, Libc.allocatedBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives what malloc holds free back to the operating system; called after a job. */
  public static void trim() {
    Libc.trim();
  }
}
