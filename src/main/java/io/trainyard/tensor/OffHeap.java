package io.trainyard.tensor;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Zeroed memory outside the Java heap, from the C library. The JVM's allocator counts off-heap
 * memory against {@code -XX:MaxDirectMemorySize}, a limit that has nothing to do with the memory
 * that the service may use: an admitted job would fail when its weights are copied.
 */
public final class OffHeap {
  /** In bytes; fits the widest vector registers. */
  public static final long ALIGNMENT = 64;

  /** Smaller blocks come from the JVM, which allocates them faster. */
  private static final long SMALL = 64 * 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALLOC =
      function(
          "calloc",
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      function("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  private static final Collection COLLECTION = new Collection(256L << 20, System::gc);

  private OffHeap() {}

  /**
   * A zeroed segment that lives as long as the arena, aligned for vector instructions. Large blocks
   * are zeroed by the operating system, on first use.
   *
   * @throws ServiceException OUT_OF_MEMORY when the process gets no more memory
   */
  public static MemorySegment allocate(long bytes, Arena arena) {
    if (bytes < SMALL) {
      return arena.allocate(bytes, ALIGNMENT);
    }
    MemorySegment block = calloc(bytes + ALIGNMENT);
    return aligned(block, bytes).reinterpret(bytes, arena, _ -> free(block));
  }

  /** As {@link #allocate}, freed by the garbage collector; for short-lived values. */
  static MemorySegment allocateCollected(long bytes) {
    if (bytes < SMALL) {
      return Arena.ofAuto().allocate(bytes, ALIGNMENT);
    }
    MemorySegment block = calloc(bytes + ALIGNMENT);
    COLLECTION.allocated(bytes);
    return aligned(block, bytes)
        .reinterpret(
            bytes,
            Arena.ofAuto(),
            _ -> {
              free(block);
              COLLECTION.freed(bytes);
            });
  }

  private static MemorySegment aligned(MemorySegment block, long bytes) {
    long misaligned = block.address() % ALIGNMENT;
    return block
        .reinterpret(bytes + ALIGNMENT)
        .asSlice(misaligned == 0 ? 0 : ALIGNMENT - misaligned, bytes);
  }

  private static MemorySegment calloc(long bytes) {
    try {
      MemorySegment block = (MemorySegment) CALLOC.invokeExact(1L, bytes);
      if (!block.equals(MemorySegment.NULL)) {
        return block;
      }
    } catch (Throwable e) {
      throw new IllegalStateException("calloc failed", e);
    }
    throw new ServiceException(
        ErrorCode.OUT_OF_MEMORY,
        "A tensor of %d MB found no memory".formatted(Math.ceilDiv(bytes, 1 << 20)));
  }

  private static void free(MemorySegment block) {
    try {
      FREE.invokeExact(block);
    } catch (Throwable e) {
      throw new IllegalStateException("free failed", e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  /**
   * Asks for a garbage collection when unreachable blocks may have piled up. The collector does not
   * know their size: without this, a few small objects could hold gigabytes.
   */
  static final class Collection {
    private final long step;
    private final Runnable collector;
    private final AtomicLong living = new AtomicLong();
    private final AtomicLong limit;

    /**
     * Collects when the living bytes have grown by the step since they were fewest.
     *
     * @param collector collects garbage
     */
    Collection(long step, Runnable collector) {
      this.step = step;
      this.collector = collector;
      limit = new AtomicLong(step);
    }

    void allocated(long bytes) {
      long now = living.addAndGet(bytes);
      long before = limit.get();
      if (now > before && limit.compareAndSet(before, now + step)) {
        collector.run();
      }
    }

    void freed(long bytes) {
      long now = living.addAndGet(-bytes);
      limit.accumulateAndGet(now + step, Math::min);
    }
  }
}
