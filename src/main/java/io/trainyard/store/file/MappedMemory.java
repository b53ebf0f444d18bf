package io.trainyard.store.file;

import io.trainyard.dataset.prepare.TensorMemory;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
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
 * Tensors in the memory of the process up to a limit, and in a mapped file above it. The file is
 * unlinked as soon as it is mapped, so it disappears with the process. Its disk space is reserved
 * before the first write.
 */
@Component
class MappedMemory implements TensorMemory {
  private final long limit;
  private final Path folder;
  private final DiskReserve reserve;
  private final TensorMemory resident = TensorMemory.resident();

  MappedMemory(TrainingMemoryProperties properties, DataDirectory directory) {
    this.limit = properties.residentLimit().toBytes();
    this.folder = new Scratch(directory.folder("resident")).folder();
    this.reserve = directory.reserve();
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

  private void reserve(Path file, long bytes) {
    try {
      reserve.require(bytes);
      DiskSpace.reserve(file, bytes);
    } catch (IOException e) {
      throw FullDisk.noRoomFor(bytes + " bytes of rows", e);
    }
  }
}
