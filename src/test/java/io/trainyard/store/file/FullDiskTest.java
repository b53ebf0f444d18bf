package io.trainyard.store.file;

import static io.trainyard.error.ErrorCode.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.SmallDisk;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;

/** Uploads to a full disk of 24 MB; skipped where the process may not mount one. */
@Timeout(120)
@Tag("service")
class FullDiskTest {
  @TempDir Path folder;

  /** What fills the disk: the uploaded bytes, or the rows made from them. */
  enum Large {
    BYTES(Format.CSV, 40_000_000),
    ROWS_OF_CSV(Format.CSV, 15_000_000),
    ROWS_OF_NDJSON(Format.NDJSON, 15_000_000),
    ROWS_OF_NPY(Format.NPY, 15_000_000);

    final Format format;
    final int bytes;

    Large(Format format, int bytes) {
      this.format = format;
      this.bytes = bytes;
    }

    byte[] body() {
      Random random = new Random(4);
      if (format == Format.NPY) {
        float[] elements = new float[bytes / 4];
        for (int i = 0; i < elements.length; i++) {
          elements[i] = random.nextFloat();
        }
        return Npy.write(HostTensor.ofFloats(Shape.of(elements.length), elements));
      }
      StringBuilder text = new StringBuilder(format == Format.CSV ? "t\n" : "");
      while (text.length() < bytes) {
        String random64 = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
        text.append(format == Format.CSV ? random64 : "{\"t\":\"" + random64 + "\"}").append('\n');
      }
      return text.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  @Test
  void nothingButTheDatabaseUsesTheReserve() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 24)) {
      DataDirectory directory = new DataDirectory(disk.folder(), DataSize.ofMegabytes(8), false);
      DiskReserve reserve = directory.reserve();
      BlobFiles blobs =
          new BlobFiles(
              FileStores.local(directory, () -> false, Clock.systemUTC()), FileStores.WEIGHTS);
      IOException refusal =
          catchThrowableOfType(
              IOException.class,
              () -> blobs.write(out -> writeWhole(out, ByteBuffer.allocate(20 << 20))));
      assertThat(refusal).matches(FullDisk::is);
      assertThat(refused(() -> mapped(directory).allocate(20 << 20))).isEqualTo(UNAVAILABLE);
      assertThat(reserve.available())
          .as("after the refusals")
          .isEqualTo(reserve.free() - (8 << 20));
      disk.fillBut(8 << 20);
      assertThat(reserve.available()).isZero();
      assertThatThrownBy(() -> blobs.write(out -> writeWhole(out, ByteBuffer.allocate(10))))
          .isInstanceOfSatisfying(IOException.class, e -> assertThat(e).matches(FullDisk::is));
      try (TestDatasets datasets = new TestDatasets(directory)) {
        assertThat(refused(() -> datasets.csv("small", "a\n1\n"))).isEqualTo(UNAVAILABLE);
        disk.free();
        assertThat(datasets.csv("small", "a\n1\n").rows()).isEqualTo(1);
      }
    }
  }

  private static void writeWhole(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes.limit(Math.min(bytes.capacity(), bytes.position() + (1 << 16))));
      bytes.limit(bytes.capacity());
    }
  }

  private static MappedMemory mapped(DataDirectory directory) {
    return new MappedMemory(new TrainingMemoryProperties(DataSize.ofMegabytes(1)), directory);
  }

  private static @Nullable ErrorCode refused(ThrowingCallable action) {
    ServiceException refusal = catchThrowableOfType(ServiceException.class, action);
    return refusal == null ? null : refusal.code();
  }

  @ParameterizedTest
  @EnumSource
  void uploadThatDoesNotFitIsRefusedAndLeavesNoFile(Large large) throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 24);
        TestDatasets datasets = new TestDatasets(disk.folder())) {
      datasets.csv("kept", "a\n1\n2\n");
      Set<String> before = datasets.files();
      ServiceException refusal =
          catchThrowableOfType(
              ServiceException.class,
              () -> datasets.create("large", large.format, large.body(), IngestOptions.DEFAULT));
      assertThat(refusal).as("the upload was accepted").isNotNull();
      assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(refusal.detail())
          .contains("no room on disk")
          .doesNotContain(disk.folder().toString());
      assertThat(datasets.files()).isEqualTo(before);
      assertThat(datasets.store().findLatest("large")).isEmpty();
      assertThat(datasets.csv("large", "t\n" + "00ff\n".repeat(100_000)).rows()).isEqualTo(100_000);
      assertThat(datasets.store().rows(datasets.csv("kept", "a\n1\n2\n"), 0, 9)).hasSize(2);
    }
  }
}
