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
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory that two processes share for the tensors of one lane. It begins with a number that asks
 * the host to stop.
 */
final class SharedTensors implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SharedTensors.class);

  /** Where tensors begin; their places are multiples of it. */
  static final int ALIGNMENT = 64;

  /** A folder in memory; where it is missing or full, another one is used. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private static final String PREFIX = "trainyard-";

  /** A file is made a moment before it is locked. */
  private static final Duration BEFORE_LOCK = Duration.ofSeconds(2);

  private static final int PIECE = 1 << 20;

  private final Arena arena;
  private final MemorySegment memory;

  private SharedTensors(Arena arena, MemorySegment memory) {
    this.arena = arena;
    this.memory = memory;
  }

  /**
   * A file in memory, which only this user can open. It is locked until it is closed, which deletes
   * it: what a killed process left has no lock.
   */
  static final class Shared implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;

    private Shared(Path path, FileChannel channel) {
      this.path = path;
      this.channel = channel;
    }

    /** Where the other process finds it. */
    Path path() {
      return path;
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        Files.deleteIfExists(path);
      }
    }
  }

  /**
   * A file of zeros.
   *
   * @param other the folder to use where the system has no memory for files
   */
  static Shared file(long bytes, Path other) throws IOException {
    try {
      return file(bytes, MEMORY, PREFIX);
    } catch (IOException e) {
      return file(bytes, other, "tensors-");
    }
  }

  /** Every byte is written: without room for it, its first use would end the process. */
  @SuppressWarnings("MustBeClosedChecker") // the returned object closes the channel
  private static Shared file(long bytes, Path folder, String prefix) throws IOException {
    Path file =
        Files.createTempFile(
            folder,
            prefix,
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Shared shared = new Shared(file, channel);
    try {
      var _ = channel.lock();
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(bytes, PIECE));
      for (long left = bytes; left > 0; ) {
        zeros.clear().limit((int) Math.min(left, PIECE));
        left -= channel.write(zeros);
      }
      return shared;
    } catch (IOException | RuntimeException e) {
      shared.close();
      throw e;
    }
  }

  /** Deletes what killed processes of this user left in memory. */
  static void deleteAbandoned() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(MEMORY, PREFIX + "[0-9]*")) {
      for (Path file : files) {
        deleteIfAbandoned(file);
      }
    } catch (IOException e) {
      log.debug("{} cannot be read", MEMORY, e);
    }
  }

  private static void deleteIfAbandoned(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      Instant changed = Files.getLastModifiedTime(file).toInstant();
      if (lock != null && changed.isBefore(Instant.now().minus(BEFORE_LOCK))) {
        Files.delete(file);
      }
    } catch (IOException | OverlappingFileLockException e) {
      log.debug("{} belongs to somebody else", file, e);
    }
  }

  /** Maps a file of this process. */
  static SharedTensors map(Shared file) throws IOException {
    return map(file.channel);
  }

  /** Maps a file of another process, which can be deleted then. */
  static SharedTensors map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return map(channel);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the returned object closes the arena
  private static SharedTensors map(FileChannel channel) throws IOException {
    Arena arena = Arena.ofShared();
    try {
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
