package io.trainyard.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Files stop growing before they use the space that is kept for the database. */
@Timeout(60)
@Tag("service")
class DiskReserveTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir Path folder;

  private static DiskReserve reserve(Path folder, int megabytes) {
    return new DiskReserve(folder, DataSize.ofMegabytes(megabytes));
  }

  @Test
  void fileStopsAboveTheReserve() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 24)) {
      DiskReserve reserve = reserve(disk.folder(), 8);
      Path file = disk.folder().resolve("file");
      try (OutputStream out = reserve.guard(Files.newOutputStream(file))) {
        assertThatThrownBy(
                () -> {
                  while (true) {
                    out.write(new byte[MEGABYTE / 4]);
                  }
                })
            .isInstanceOf(IOException.class)
            .hasMessageContaining("trainyard.disk-reserve");
      }
      assertThat(reserve.free()).isBetween(8L * MEGABYTE, 10L * MEGABYTE);
      assertThatThrownBy(() -> reserve.guard(new ByteArrayOutputStream()).write(new byte[3 << 20]))
          .isInstanceOf(IOException.class);
      Files.delete(file);
      reserve.require(15 * MEGABYTE);
    }
  }

  @Test
  void fullDiskHasNothingAvailable() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 24)) {
      disk.fill();
      assertThat(reserve(disk.folder(), 0).available()).isZero();
      assertThatThrownBy(
              () -> reserve(disk.folder(), 0).guard(new ByteArrayOutputStream()).write(1))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void defaultIsATwentiethOfASmallDiskAndAtMostAQuarterGigabyte() throws Exception {
    assertThat(new DiskReserve(folder, null).bytes()).isLessThanOrEqualTo(256L * MEGABYTE);
    try (SmallDisk disk = SmallDisk.mount(folder, 100)) {
      assertThat(new DiskReserve(disk.folder(), null).bytes()).isEqualTo(5L * MEGABYTE);
    }
  }
}
