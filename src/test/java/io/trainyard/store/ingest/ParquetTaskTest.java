package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.store.duckdb.DatasetProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** A few KB that stand for forty million rows. */
@Timeout(60)
class ParquetTaskTest {
  private static final Path NATIVES = Path.of("target", "natives");

  @TempDir private Path folder;
  private Path bomb;

  @BeforeEach
  void write() throws Exception {
    bomb = folder.resolve("bomb.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT 'aaaaaaaaaaaaaaaa' AS a FROM range(40000000)) TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 10000000)"
              .formatted(bomb));
    }
    assertThat(Files.size(bomb)).isLessThan(100_000);
  }

  private String request(Duration limit) {
    DatasetProperties properties =
        new DatasetProperties(
            DataSize.ofGigabytes(1),
            DataSize.ofMegabytes(256),
            1,
            Duration.ofSeconds(5),
            0,
            64,
            Duration.ofSeconds(3),
            limit);
    return ParquetTask.request(
        NATIVES,
        properties,
        folder,
        new DiskReserve(folder, DataSize.ofBytes(0)),
        bomb,
        IngestOptions.DEFAULT,
        folder.resolve("rows.parquet"));
  }

  @Test
  void aConversionHasItsTime() {
    assertThatThrownBy(() -> ParquetTask.run(request(Duration.ofMillis(300)), () -> false))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ROWS);
              assertThat(e.detail())
                  .contains("longer than 0.3 s")
                  .contains("split it")
                  .contains("trainyard.datasets.convert-timeout");
            });
  }

  @Test
  void whoLeavesEarlierIsToldNothing() {
    long start = System.nanoTime();
    assertThatThrownBy(
            () ->
                ParquetTask.run(
                    request(Duration.ofMinutes(1)), () -> System.nanoTime() - start > 300_000_000))
        .isInstanceOf(CancellationException.class);
  }

  /** The rows that it made are as many, and others wait for this task's place. */
  @Test
  void theColumnsOfItsRowsAreDescribedInTheirTime() throws Exception {
    Duration limit = Duration.ofMillis(100);
    try (TestDatasets datasets = new TestDatasets(folder, limit, ParquetConversion::here)) {
      ServiceException refusal =
          datasets.refused(Upload.Format.PARQUET, Files.readAllBytes(bomb), IngestOptions.DEFAULT);
      assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ROWS);
      assertThat(refusal.detail())
          .startsWith("Describing the columns of the rows took longer than 0.1 s")
          .contains("trainyard.datasets.convert-timeout");
    }
  }

  @Test
  void aLargeFileHasMoreTime() {
    DatasetProperties properties =
        new DatasetProperties(
            DataSize.ofGigabytes(1),
            DataSize.ofMegabytes(256),
            1,
            Duration.ofSeconds(5),
            0,
            64,
            Duration.ofSeconds(3),
            Duration.ofSeconds(60));
    assertThat(properties.convertTimeout(DataSize.ofKilobytes(10)))
        .isEqualTo(Duration.ofSeconds(60));
    assertThat(properties.convertTimeout(DataSize.ofGigabytes(1)))
        .isEqualTo(Duration.ofSeconds(60 + 1024));
  }
}
