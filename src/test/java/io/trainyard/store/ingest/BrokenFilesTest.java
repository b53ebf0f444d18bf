package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.TestDatasets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every broken file is either read or refused with a helpful detail, in time. It is never an
 * internal error, and a refused one leaves no file behind.
 */
@Timeout(60)
@Tag("service")
class BrokenFilesTest {
  @TempDir static Path folder;
  private static TestDatasets datasets;
  private static Set<String> before;

  @BeforeAll
  static void open() {
    datasets = new TestDatasets(folder);
    before = datasets.files();
  }

  @AfterAll
  static void close() {
    datasets.close();
  }

  static List<BrokenFiles.Broken> files() throws Exception {
    return BrokenFiles.all(folder);
  }

  @ParameterizedTest
  @MethodSource("files")
  void isReadOrRefusedInTimeAndLeavesNoFile(BrokenFiles.Broken file) {
    long began = System.nanoTime();
    try {
      DatasetVersion version =
          datasets.create("f", file.format(), file.bytes(), IngestOptions.DEFAULT).version();
      assertThat(version.rows()).isPositive();
      assertThat(datasets.store().rows(version, 0, 10)).isNotEmpty();
      before = datasets.files();
    } catch (ServiceException e) {
      assertThat(e.code().family())
          .as(e.detail())
          .isIn(ErrorCode.Family.INVALID, ErrorCode.Family.UNREADABLE);
      assertThat(e.detail())
          .isNotBlank()
          .hasSizeLessThan(2000)
          .doesNotContain(folder.toString(), "java.", "Exception");
      assertThat(datasets.files()).isEqualTo(before);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void thereAreMoreThanTwoHundredAndFifty() throws Exception {
    assertThat(files()).hasSizeGreaterThan(250);
  }
}
