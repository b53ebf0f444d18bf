package io.trainyard.onnx.host;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Memory that two processes share for the tensors of one lane. It begins with a number that asks
 * the host to stop.
 */
final class SharedTensors implements AutoCloseable {
  /** Where tensors begin; their places are multiples of it. */
  static final int ALIGNMENT = 64;

  /** A folder in memory; where it is missing or full, another one is used. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private static final int PIECE = 1 << 20;

  private final Arena arena;
  private final MemorySegment memory;

  private SharedTensors(Arena arena, MemorySegment memory) {
    this.arena = arena;
    this.memory = memory;
  }

  /**
   * A file of zeros in memory, which only this user can open.
   *
   * @param other the folder to use where the system has no memory for files
   */
  static Path file(long bytes, Path other) throws IOException {
    try {
      return file(bytes, MEMORY, "trainyard-");
    } catch (IOException e) {
      return file(bytes, other, "tensors-");
    }
  }

  /** Every byte is written: without room for it, its first use would end the process. */
  private static Path file(long bytes, Path folder, String prefix) throws IOException {
    Path file =
        Files.createTempFile(
            folder,
            prefix,
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(bytes, PIECE));
      for (long left = bytes; left > 0; ) {
        zeros.clear().limit((int) Math.min(left, PIECE));
        left -= channel.write(zeros);
      }
      return file;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Maps a file, which can be deleted once both processes have mapped it. */
  @SuppressWarnings("MustBeClosedChecker") // the returned object closes the arena
  static SharedTensors map(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new SharedTensors(
          arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  long bytes() {
    return memory.byteSize();
  }

  /** Sets or lifts the wish that the present run ends. */
  void stop(boolean wanted) {
    memory.setAtIndex(ValueLayout.JAVA_INT, 0, wanted ? 1 : 0);
  }

  boolean isStopped() {
    return memory.getAtIndex(ValueLayout.JAVA_INT, 0) != 0;
  }

  /** A tensor at a place; its values are in the shared memory. */
  HostTensor at(long place, ElementType type, Shape shape) {
    return new HostTensor(type, shape, memory.asSlice(place, shape.elements() * type.bytes()));
  }

  /** The place behind a tensor at a place. */
  static long behind(long place, long bytes) {
    return Math.ceilDiv(place + bytes, ALIGNMENT) * ALIGNMENT;
  }

  @Override
  public void close() {
    arena.close();
  }
}
