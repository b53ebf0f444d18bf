package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class WideCopyTest {
  private static final DatasetProperties PROPERTIES =
      new DatasetProperties(
          DataSize.ofGigabytes(1),
          DataSize.ofMegabytes(256),
          2,
          Duration.ofSeconds(5),
          0,
          64,
          Duration.ofSeconds(3),
          Duration.ofMinutes(1));

  private static final List<IngestedTable.Entry> COLUMNS =
      List.of(
          new IngestedTable.Entry("row", ColumnType.INTEGER, null, true),
          new IngestedTable.Entry("text", ColumnType.STRING, null, false));

  @TempDir Path folder;

  private static WideCopy copy(DuckDb duck, int rows, int length) throws SQLException {
    return new WideCopy(
        duck,
        "(select range r, repeat('x', %d) t from range(%d))".formatted(length, rows),
        COLUMNS,
        List.of("r as c0", "t as c1"),
        rows);
  }

  @Test
  void windowsAreBoundedByTheBytesOfTheirTexts() throws SQLException {
    Path parquet = folder.resolve("rows.parquet");
    try (DuckDb duck =
        DuckDb.open(PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of(parquet))) {
      copy(duck, 5_000, 20_000).write(parquet);
      long largest =
          duck.query(
              "select max(total_uncompressed_size) from parquet_metadata(%s)"
                  .formatted(DuckDb.literal(parquet)),
              DuckDb::firstLong);
      assertThat(largest).isLessThan(64 << 20);
      assertThat(
              duck.query(
                  "select count(distinct c0) from " + ParquetFile.read(parquet), DuckDb::firstLong))
          .isEqualTo(5_000);
    }
  }

  @Test
  void tableWithManyBytesOfTextIsLeftToDuckDb() throws SQLException {
    try (DuckDb duck =
        DuckDb.open(PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of())) {
      assertThat(copy(duck, 5_000, 20_000).suits()).isTrue();
      assertThat(copy(duck, 20_000, 20_000).suits()).isFalse();
      assertThat(copy(duck, 20_000, 20).suits()).isTrue();
    }
  }
}
