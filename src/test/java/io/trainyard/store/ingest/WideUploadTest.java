package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables with so many columns that DuckDB does not write their files. */
@ExtendWith(FreshDatasets.class)
@Timeout(120)
@Tag("service")
class WideUploadTest {
  private static final int COLUMNS = 1_200;
  private static final int ROWS = 20;

  @TempDir Path folder;
  private final TestDatasets datasets;

  WideUploadTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  /** A cell as CSV; null where it is missing. */
  private static @Nullable String cell(int row, int column) {
    if ((row + column) % 11 == 0) {
      return null;
    }
    return switch (column % 5) {
      case 0 -> "" + (row * column - 500);
      case 1 -> row * column + ".5";
      case 2 -> "" + ((row + column) % 2 == 0);
      case 3 -> "täxt " + row * column;
      default -> "2026-01-%02dT12:00:00Z".formatted(row + 1);
    };
  }

  private static String line(int row) {
    return IntStream.range(0, COLUMNS)
        .mapToObj(column -> "\"n" + column + "\":" + json(cell(row, column), column))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static @Nullable String json(@Nullable String cell, int column) {
    return cell == null || column % 5 < 3 ? cell : '"' + cell + '"';
  }

  private static String csv() {
    String header =
        IntStream.range(0, COLUMNS).mapToObj(i -> "n" + i).collect(Collectors.joining(","));
    String body =
        IntStream.range(0, ROWS)
            .mapToObj(
                row ->
                    IntStream.range(0, COLUMNS)
                        .mapToObj(column -> cell(row, column))
                        .map(cell -> cell == null ? "" : cell)
                        .collect(Collectors.joining(",")))
            .collect(Collectors.joining("\n"));
    return header + "\n" + body + "\n";
  }

  private byte[] parquet(String select) throws Exception {
    Path csv = Files.writeString(folder.resolve("made.csv"), csv());
    Path file = folder.resolve("made.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute(
          "copy (%s from read_csv('%s')) to '%s' (format parquet)".formatted(select, csv, file));
    }
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @EnumSource(names = {"CSV", "NDJSON", "PARQUET"})
  void rowsAreThoseOfTheFile(Format format) throws Exception {
    List<String> lines = IntStream.range(0, ROWS).mapToObj(WideUploadTest::line).toList();
    byte[] file =
        switch (format) {
          case CSV -> csv().getBytes(StandardCharsets.UTF_8);
          case NDJSON -> String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
          default -> parquet("select *");
        };
    DatasetVersion version = datasets.create(format, file);
    assertThat(version.rows()).isEqualTo(ROWS);
    assertThat(datasets.store().rows(version, 0, ROWS).stream().map(Object::toString))
        .isEqualTo(lines);
    assertThat(version.columns().get(0).profile().min()).isEqualTo(-500L);
    assertThat(version.columns().get(1).profile().nulls()).isEqualTo(1);
  }

  @Test
  void placeOfAnUnsupportedValueIsNamed() throws Exception {
    datasets.assertRefused(
        Format.PARQUET,
        parquet("select * replace (if(n0 = -500, n1, 'inf'::double) as n1)"),
        "column 'n1': it holds an infinity");
  }
}
