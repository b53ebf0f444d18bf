package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Uploads to a full disk of 24 MB; skipped where the process may not mount one. */
@Timeout(120)
class FullDiskTest {
  @TempDir(cleanup = CleanupMode.NEVER)
  Path folder;

  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder.toString());
    assumeTrue(mounted, "this process may not mount");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      run("umount", "--lazy", folder.toString());
    }
    Files.deleteIfExists(folder);
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (java.io.IOException e) {
      return false; // no such command
    }
  }

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

  @ParameterizedTest
  @EnumSource
  void uploadThatDoesNotFitIsRefusedAndLeavesNoFile(Large large) {
    try (TestDatasets datasets = new TestDatasets(folder)) {
      datasets.csv("kept", "a\n1\n2\n");
      Set<String> before = datasets.files();
      ServiceException refusal =
          catchThrowableOfType(
              ServiceException.class,
              () -> datasets.create("large", large.format, large.body(), IngestOptions.DEFAULT));
      assertThat(refusal).as("the upload was accepted").isNotNull();
      assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(refusal.detail()).contains("no room on disk").doesNotContain(folder.toString());
      assertThat(datasets.files()).isEqualTo(before);
      assertThat(datasets.store().findLatest("large")).isEmpty();
      assertThat(datasets.csv("large", "t\n" + "00ff\n".repeat(100_000)).rows()).isEqualTo(100_000);
      assertThat(datasets.store().rows(datasets.csv("kept", "a\n1\n2\n"), 0, 9)).hasSize(2);
    }
  }
}
