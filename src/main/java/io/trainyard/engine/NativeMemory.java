package io.trainyard.engine;

/**
 * Memory outside the Java heap.
 *
 * @param resident the process's resident set, heap included
 * @param allocated what malloc has handed out and not taken back
 */
@SuppressWarnings("DoNotCallSuggester")
public record NativeMemory(long resident, long allocated) {
  /** A reading of this process. */
  public static NativeMemory now() {
    throw new UnsupportedOperationException();
  }
}
