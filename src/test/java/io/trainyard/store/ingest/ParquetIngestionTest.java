package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class ParquetIngestionTest {
  @TempDir Path folder;
  private final TestDatasets datasets;

  ParquetIngestionTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  private byte[] parquet(String select) throws Exception {
    Path file = folder.resolve("made.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  @Test
  void columnsGetOurTypes() throws Exception {
    DatasetVersion version =
        datasets.create(
            Format.PARQUET,
            parquet(
                """
                SELECT 1::TINYINT AS "a b", 2.5::FLOAT AS f, 'NaN'::DOUBLE AS n, 1.25::DECIMAL(9,2) AS d,
                  'x' AS s, true AS b, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 12:00:00' AS at,
                  18446744073709551615::UBIGINT AS u, 7::UBIGINT AS v,
                  [[1, 2, 3], [4, 5, 6]]::INTEGER[][] AS img, [0.5, 1.5]::FLOAT[2] AS fixed\
                """));
    assertThat(version.columns().stream().map(c -> c.name() + ":" + c.type()))
        .containsExactly(
            "a b:INTEGER",
            "f:NUMBER",
            "n:NUMBER",
            "d:NUMBER",
            "s:STRING",
            "b:BOOLEAN",
            "day:TIMESTAMP",
            "at:TIMESTAMP",
            "u:NUMBER",
            "v:INTEGER",
            "img:TENSOR",
            "fixed:TENSOR");
    assertThat(version.columns().get(10).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(datasets.store().rows(version, 0, 1).getFirst().toString())
        .isEqualTo(
            "{\"a b\":1,\"f\":2.5,\"n\":null,\"d\":1.25,\"s\":\"x\",\"b\":true,"
                + "\"day\":\"2026-01-31T00:00:00Z\",\"at\":\"2026-01-31T12:00:00Z\","
                + "\"u\":1.8446744073709552E19,\"v\":7,\"img\":[[1,2,3],[4,5,6]],"
                + "\"fixed\":[0.5,1.5]}");
  }

  @Test
  void unusableFileIsRefused() throws Exception {
    byte[] good = parquet("SELECT 1 AS a");
    datasets.assertRefused(Format.PARQUET, Arrays.copyOf(good, good.length / 2), "");
    datasets.assertRefused(Format.PARQUET, new byte[0], "");
    datasets.assertRefused(
        Format.PARQUET, "PAR1 nonsense PAR1".getBytes(StandardCharsets.UTF_8), "");
    datasets.assertRefused(Format.PARQUET, parquet("SELECT 1 AS a WHERE false"), "no rows");
    datasets.assertRefused(
        Format.PARQUET, parquet("SELECT 'inf'::DOUBLE AS a"), "Row 1, column 'a'");
    datasets.assertRefused(Format.PARQUET, parquet("SELECT {'x': 1} AS a"), "not supported");
    datasets.assertRefused(
        Format.PARQUET,
        parquet("SELECT unnest([[1.0, 2.0], [3.0]]) AS a"),
        "lists of 1 to 2 elements");
    datasets.assertRefused(
        Format.PARQUET, parquet("SELECT [1.0, NULL] AS a"), "not finite numbers");
    datasets.assertRefused(Format.PARQUET, parquet("SELECT ['a'] AS a"), "numbers were expected");
    byte[] flipped = parquet("SELECT i AS a FROM range(1000) r(i)");
    for (int at = 4; at < flipped.length; at += 97) {
      byte[] damaged = flipped.clone();
      damaged[at] ^= 0x55;
      try {
        datasets.create("flipped-" + at, Format.PARQUET, damaged, IngestOptions.DEFAULT);
      } catch (ServiceException e) {
        assertThat(e.code().family())
            .as("byte %d: %s", at, e.detail())
            .isEqualTo(ErrorCode.Family.INVALID);
      }
    }
  }
}
