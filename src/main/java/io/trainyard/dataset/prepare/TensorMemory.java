package io.trainyard.dataset.prepare;

import io.trainyard.tensor.OffHeap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Allocates memory for the encoded rows of jobs. */
public interface TensorMemory {
  /** One zeroed off-heap segment, aligned for vector instructions. */
  Block allocate(long bytes);

  /** How much of an allocation counts against the memory budget; 0 for a mapped file. */
  default long counted(long bytes) {
    return bytes;
  }

  /** Memory that is valid until it is released. */
  record Block(MemorySegment segment, Runnable release) {}

  /** Memory of the process, not of a mapped file. */
  static TensorMemory resident() {
    return TensorMemory::residentBlock;
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static Block residentBlock(long bytes) {
    // Shared, because other threads train than the one that reads the rows.
    Arena arena = Arena.ofShared();
    return new Block(OffHeap.allocate(bytes, arena), arena::close);
  }
}
