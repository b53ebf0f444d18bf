package io.trainyard.engine.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.stream.IntStream;

/** The functions of the C library that control native memory. */
final class Libc {
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_MMAP_THRESHOLD = -3;

  /** struct mallinfo2: ten size_t. */
  private static final StructLayout MALLINFO =
      MemoryLayout.structLayout(
          IntStream.range(0, 10).mapToObj(i -> ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new));

  private static final int MMAPPED_BYTES = 4;
  private static final int USED_BYTES = 7;

  private static final Linker LINKER = Linker.nativeLinker();

  private Libc() {}

  /** Must run before the first native library reads the environment. */
  static void setEnvironment(String name, String setting) {
    MethodHandle setenv =
        function(
            "setenv",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(setting), 1);
    } catch (Throwable e) {
      throw new IllegalStateException("setenv failed", e);
    }
  }

  /**
   * Keeps large blocks on the heap. When each was mapped and unmapped, page faults took a third of
   * a recurrent step. {@link #trim} returns the memory after a job.
   */
  static void keepLargeBlocks() {
    MethodHandle mallopt =
        function(
            "mallopt",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      int mapped = (int) mallopt.invokeExact(M_MMAP_THRESHOLD, 1 << 30);
      int trimmed = (int) mallopt.invokeExact(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
      if (mapped == 0 && trimmed == 0) {
        throw new IllegalStateException("mallopt refused its settings");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("mallopt failed", e);
    }
  }

  /** Returns free memory to the operating system. */
  static void trim() {
    MethodHandle trim =
        function("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    try {
      int _ = (int) trim.invokeExact(0L);
    } catch (Throwable e) {
      throw new IllegalStateException("malloc_trim failed", e);
    }
  }

  /** Bytes allocated by malloc and not freed, over all its arenas. */
  static long allocatedBytes() {
    MethodHandle mallinfo = function("mallinfo2", FunctionDescriptor.of(MALLINFO));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) mallinfo.invokeExact((SegmentAllocator) arena);
      return info.getAtIndex(ValueLayout.JAVA_LONG, USED_BYTES)
          + info.getAtIndex(ValueLayout.JAVA_LONG, MMAPPED_BYTES);
    } catch (Throwable e) {
      throw new IllegalStateException("mallinfo2 failed", e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new IllegalStateException("this C library has no " + name)),
        descriptor);
  }
}
