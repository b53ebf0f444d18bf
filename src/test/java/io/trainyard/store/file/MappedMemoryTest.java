package io.trainyard.store.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.TensorMemory;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class MappedMemoryTest {
  private static final long BYTES = 48L << 20;

  @TempDir Path folder;

  private MappedMemory memory() {
    return new MappedMemory(
        new TrainingMemoryProperties(DataSize.ofMegabytes(1)), new DataDirectory(folder));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      return found
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().equals("lock"))
          .toList();
    }
  }

  @Test
  void rowsAboveTheLimitAreInAnUnlinkedFile() throws Exception {
    MappedMemory memory = memory();
    TensorMemory.Block block = memory.allocate(BYTES);
    assertThat(block.segment().isMapped()).isTrue();
    assertThat(block.segment().byteSize()).isEqualTo(BYTES);
    assertThat(memory.counted(BYTES)).isZero();
    for (long at = 0; at < BYTES; at += 4096) {
      assertThat(block.segment().get(ValueLayout.JAVA_LONG, at)).isZero();
      block.segment().set(ValueLayout.JAVA_LONG, at, at);
    }
    assertThat(block.segment().get(ValueLayout.JAVA_LONG, BYTES - 4096)).isEqualTo(BYTES - 4096);
    assertThat(files()).isEmpty();
    block.release().run();
    assertThat(block.segment().scope().isAlive()).isFalse();
  }

  @Test
  void rowsBelowTheLimitAreInMemory() {
    MappedMemory memory = memory();
    TensorMemory.Block block = memory.allocate(1000);
    assertThat(block.segment().isMapped()).isFalse();
    assertThat(memory.counted(1000)).isEqualTo(1000);
    block.release().run();
  }

  @Test
  void rowsWithoutRoomOnDiskAreRefusedBeforeAnyIsWritten() throws Exception {
    long tooMany = Files.getFileStore(folder).getUsableSpace() + (1L << 40);
    assertThatThrownBy(() -> memory().allocate(tooMany))
        .isInstanceOfSatisfying(
            ServiceException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
              assertThat(refusal).hasMessageContaining("no room on disk for " + tooMany);
            });
    assertThat(files()).isEmpty();
  }

  /** This is not the job's fault, so the job is retried. */
  @Test
  void unwritableFolderFails() throws Exception {
    MappedMemory memory = memory();
    FileSystemUtils.deleteRecursively(folder.resolve("resident"));
    assertThatThrownBy(() -> memory.allocate(BYTES)).isInstanceOf(UncheckedIOException.class);
  }

  /** A process may die between creating the file and unlinking it. */
  @Test
  void filesOfADeadProcessAreRemovedAtTheNextStart() throws Exception {
    Path dead = Files.createDirectories(folder.resolve("resident/dead"));
    Files.createFile(dead.resolve("lock"));
    Files.writeString(dead.resolve("rows1.tmp"), "left");
    memory();
    assertThat(dead).doesNotExist();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void everyByteIsReservedOnDisk() throws Exception {
    Path reserved = Files.createFile(folder.resolve("reserved"));
    DiskSpace.reserve(reserved, BYTES);
    assertThat(Files.size(reserved)).isEqualTo(BYTES);
    assertThat(bytesOnDisk(reserved)).isGreaterThanOrEqualTo(BYTES);
    Path written = Files.createFile(folder.resolve("written"));
    DiskSpace.writeZeros(written, (3 << 20) + 5);
    assertThat(Files.size(written)).isEqualTo((3 << 20) + 5);
  }

  private static long bytesOnDisk(Path file) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes(), US_ASCII).strip()) * 512;
  }
}
