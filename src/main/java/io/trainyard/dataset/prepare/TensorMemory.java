package io.trainyard.dataset.prepare;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where encoded rows lie while a job trains on them. */
public interface TensorMemory {
  /** Zeroed memory outside the heap, whole and aligned for vector instructions. */
  Block allocate(long bytes);

  /** What so many bytes count against the memory there is: mapped files do not. */
  default long counted(long bytes) {
    return bytes;
  }

  /** Some memory, until it is released. */
  record Block(MemorySegment segment, Runnable release) {}

  /** Memory of the process itself. */
  static TensorMemory resident() {
    return TensorMemory::residentBlock;
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static Block residentBlock(long bytes) {
    // Shared: the threads that train are not the one that reads.
    Arena arena = Arena.ofShared();
    return new Block(arena.allocate(bytes, 64), arena::close);
  }
}
