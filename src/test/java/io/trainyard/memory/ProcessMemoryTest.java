package io.trainyard.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("memory of the process is measured")
class ProcessMemoryTest {
  private static final int SIZE = 256 << 20;

  @TempDir private Path folder;

  @Test
  void thisMachineCanBeRead() {
    assertThat(ProcessMemory.granted()).isPositive();
    assertThat(ProcessMemory.resident()).isBetween(1L << 20, ProcessMemory.granted());
  }

  @Test
  void allocatedMemoryCountsAndPagesOfFilesDoNot() throws IOException {
    Path file = folder.resolve("rows");
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), SIZE - 1);
      long before = ProcessMemory.resident();

      MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, SIZE, arena);
      mapped.fill((byte) 1);
      assertThat(ProcessMemory.resident() - before).isLessThan(SIZE / 2);

      MemorySegment allocated = arena.allocate(SIZE);
      allocated.fill((byte) 1);
      assertThat(ProcessMemory.resident() - before).isGreaterThan(SIZE / 2);
    }
    Files.delete(file);
  }
}
