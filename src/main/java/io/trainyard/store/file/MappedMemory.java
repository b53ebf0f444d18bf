package io.trainyard.store.file;

import io.trainyard.dataset.prepare.TensorMemory;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.springframework.stereotype.Component;

/**
 * Memory of the process up to a limit, and a mapped file beyond it. The file has no name any more
 * once it is mapped: nothing is left of it when the process dies. All its bytes have their place on
 * disk before the first is written.
 */
@Component
class MappedMemory implements TensorMemory {
  private final long limit;
  private final Path folder;
  private final TensorMemory resident = TensorMemory.resident();

  MappedMemory(ResidentProperties properties, DataDirectory directory) {
    this.limit = properties.residentLimit().toBytes();
    this.folder = new Scratch(directory.folder("resident")).folder();
  }

  @Override
  public Block allocate(long bytes) {
    return bytes <= limit ? resident.allocate(bytes) : map(bytes);
  }

  @Override
  public long counted(long bytes) {
    return bytes <= limit ? bytes : 0;
  }

  @SuppressWarnings("MustBeClosedChecker")
  private Block map(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      Path file = Files.createTempFile(folder, "rows", ".tmp");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        reserve(file, bytes);
        MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, bytes, arena);
        return new Block(mapped, arena::close);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("Rows cannot be mapped to a file", e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static void reserve(Path file, long bytes) {
    try {
      DiskSpace.reserve(file, bytes);
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "There is no room on disk for " + bytes + " bytes of rows", e);
    }
  }
}
