package io.trainyard.engine.natives;

import io.trainyard.memory.ProcessMemory;

/**
 * A measurement of memory outside the Java heap.
 *
 * @param resident bytes of the process's resident set, Java heap included, pages of files excluded
 * @param allocated bytes allocated by malloc and not freed
 */
public record NativeMemory(long resident, long allocated) {
  /** Measures this process. */
  public static NativeMemory now() {
    return new NativeMemory(ProcessMemory.resident(), Libc.allocatedBytes());
  }

  /** Returns malloc's free memory to the operating system; called after each job. */
  public static void trim() {
    Libc.trim();
  }
}
