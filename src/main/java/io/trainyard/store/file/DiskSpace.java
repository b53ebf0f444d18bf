package io.trainyard.store.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reserves disk space. A file that was only extended has holes: on a full disk, writing to one
 * through a mapping kills the process.
 */
final class DiskSpace {
  private static final int OPEN_TO_WRITE = 1;
  private static final int NO_SPACE = 28;
  private static final int OVER_QUOTA = 122;

  private static final @Nullable MethodHandle OPEN =
      function("open", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final @Nullable MethodHandle CLOSE =
      function("close", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final @Nullable MethodHandle ALLOCATE =
      function(
          "posix_fallocate",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);

  private DiskSpace() {}

  private static @Nullable MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return Optional.of(name)
        .flatMap(linker.defaultLookup()::find)
        .map(at -> linker.downcallHandle(at, FunctionDescriptor.of(result, arguments)))
        .orElse(null);
  }

  /**
   * Extends an empty file with zeros to a length, with a block on disk for every byte.
   *
   * @throws IOException if the disk is full
   */
  static void reserve(Path file, long bytes) throws IOException {
    int error = OPEN == null || CLOSE == null || ALLOCATE == null ? -1 : allocate(file, bytes);
    if (error == NO_SPACE || error == OVER_QUOTA) {
      throw new IOException(FullDisk.NO_SPACE);
    }
    if (error != 0) {
      writeZeros(file, bytes);
    }
  }

  private static int allocate(Path file, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      int descriptor =
          (int) call(OPEN).invokeExact(arena.allocateFrom(file.toString()), OPEN_TO_WRITE);
      if (descriptor < 0) {
        return -1;
      }
      try {
        return (int) call(ALLOCATE).invokeExact(descriptor, 0L, bytes);
      } finally {
        int _ = (int) call(CLOSE).invokeExact(descriptor);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle call(@Nullable MethodHandle function) {
    if (function == null) {
      throw new IllegalStateException("the function is not in libc");
    }
    return function;
  }

  /** The slow way, for systems without posix_fallocate. */
  static void writeZeros(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
      for (long left = bytes; left > 0; ) {
        left -= channel.write(zeros.clear().limit((int) Math.min(zeros.capacity(), left)));
      }
    }
  }
}
