package io.trainyard.predict;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Memory outside the Java heap that requests use one after the other. New memory for each would be
 * zeroed page by page, and only a garbage collection would free it.
 */
final class BufferPool {
  /** Sizes are powers of two from 1 KB to 32 MB; larger buffers are not kept. */
  private static final int SMALLEST = 10;

  private static final int LARGEST = 25;

  private final Queue<MemorySegment>[] free = queues();
  private final AtomicLong kept = new AtomicLong();
  private final long most;

  /**
   * An empty pool.
   *
   * @param most the most bytes that it keeps for later
   */
  BufferPool(long most) {
    this.most = most;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generic types
  private static Queue<MemorySegment>[] queues() {
    return IntStream.rangeClosed(SMALLEST, LARGEST)
        .mapToObj(_ -> new ConcurrentLinkedQueue<MemorySegment>())
        .toArray(Queue[]::new);
  }

  /** A buffer of at least this many bytes, the first of which are zero. */
  MemorySegment take(long bytes) {
    int power = power(bytes);
    MemorySegment buffer = power > LARGEST ? null : free[power - SMALLEST].poll();
    if (buffer == null) {
      return allocate(power > LARGEST ? bytes : 1L << power);
    }
    kept.addAndGet(-buffer.byteSize());
    var _ = buffer.asSlice(0, bytes).fill((byte) 0);
    return buffer;
  }

  private static MemorySegment allocate(long bytes) {
    return HostTensor.allocate(ElementType.UINT8, Shape.of(Math.toIntExact(bytes))).data();
  }

  private static int power(long bytes) {
    return Math.max(SMALLEST, Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, bytes - 1)));
  }

  /** Takes a buffer back that nobody uses any more. */
  void give(MemorySegment buffer) {
    int power = power(buffer.byteSize());
    if (power > LARGEST) {
      return;
    }
    if (kept.addAndGet(buffer.byteSize()) > most) {
      kept.addAndGet(-buffer.byteSize());
      return;
    }
    free[power - SMALLEST].add(buffer);
  }
}
