package io.trainyard.store.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.TimestampText;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class WideParquetTest {
  private static final DatasetProperties PROPERTIES =
      new DatasetProperties(
          DataSize.ofMegabytes(64),
          DataSize.ofMegabytes(256),
          2,
          Duration.ofSeconds(5),
          0,
          64,
          Duration.ofSeconds(3),
          Duration.ofMinutes(1));

  private static final List<ColumnType> TYPES =
      List.of(
          ColumnType.INTEGER,
          ColumnType.NUMBER,
          ColumnType.BOOLEAN,
          ColumnType.STRING,
          ColumnType.TIMESTAMP);

  @TempDir Path folder;

  private interface Task {
    void run(DuckDb duck, Path parquet) throws SQLException;
  }

  private void withDuck(Task task) throws SQLException {
    Path parquet = folder.resolve("rows.parquet");
    try (DuckDb duck =
        DuckDb.openSingleThreaded(
            PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of(parquet))) {
      task.run(duck, parquet);
    }
  }

  private static List<IngestedTable.Entry> columns(List<ColumnType> types) {
    List<IngestedTable.Entry> columns = new ArrayList<>();
    for (ColumnType type : types) {
      columns.add(
          new IngestedTable.Entry("n" + columns.size(), type, null, type == ColumnType.INTEGER));
    }
    return columns;
  }

  /** A value of a type, as DuckDB shows it. */
  private static Object random(Random random, ColumnType type) {
    return switch (type) {
      case INTEGER -> random.nextBoolean() ? random.nextLong() : (long) random.nextInt(10);
      case NUMBER -> random.nextBoolean() ? random.nextGaussian() * 1e300 : -0.0;
      case BOOLEAN -> random.nextBoolean();
      case STRING -> "größer 🙂 ".repeat(random.nextInt(20)) + random.nextInt();
      case TIMESTAMP -> random.nextLong(-60_000_000_000_000_000L, 200_000_000_000_000_000L);
      case TENSOR -> throw new IllegalArgumentException();
    };
  }

  private static void add(ColumnChunk chunk, @Nullable Object value) {
    switch (value) {
      case null -> chunk.addMissing();
      case Long whole -> chunk.addLong(whole);
      case Double number -> chunk.addDouble(number);
      case Boolean truth -> chunk.addBoolean(truth);
      default -> chunk.addText(value.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Random tables, with groups of any number of rows, in which each value may be missing. */
  @ParameterizedTest
  @CsvSource({"1, 0", "7, 0.5", "8, 1", "9, 0.1", "64, 0.9", "1000, 0.3", "5000, 0", "5000, 0.01"})
  void duckDbReadsEqualValues(int rows, double missing) throws SQLException {
    Random random = new Random(rows);
    List<List<@Nullable Object>> table = new ArrayList<>();
    withDuck(
        (duck, parquet) -> {
          try (WideParquet file = new WideParquet(duck, columns(TYPES), parquet)) {
            for (int row = 0; row < rows; row++) {
              List<@Nullable Object> values = new ArrayList<>();
              for (int i = 0; i < TYPES.size(); i++) {
                values.add(random.nextDouble() < missing ? null : random(random, TYPES.get(i)));
                add(file.column(i), values.get(i));
              }
              table.add(values);
              file.endRows(1);
              if (random.nextInt(1000) == 0) {
                file.endGroup();
              }
            }
            assertThat(file.finish()).isEqualTo(rows);
          }
          List<List<@Nullable Object>> read =
              duck.query(
                  "select c0, c1, c2, c3, epoch_us(c4), typeof(c4) from "
                      + ParquetFile.read(parquet),
                  found -> {
                    List<List<@Nullable Object>> all = new ArrayList<>();
                    while (found.next()) {
                      List<@Nullable Object> values = new ArrayList<>();
                      for (int i = 1; i <= TYPES.size(); i++) {
                        values.add(found.getObject(i));
                      }
                      assertThat(found.getString(6)).isEqualTo("TIMESTAMP");
                      all.add(values);
                    }
                    return all;
                  });
          assertThat(read).isEqualTo(table);
        });
  }

  /** Both ways to write times give the same ones. */
  @Test
  void timesInTextsMeanWhatTheyMeanToDuckDb() throws SQLException {
    List<String> days =
        List.of("1970-01-01", "2026-02-28", "2024-02-29", "1582-10-10", "0001-01-01", "9999-12-31");
    List<String> times =
        List.of(
            "",
            "T00:00",
            " 23:59",
            "T12:34:56",
            "T12:34:56.7",
            " 01:02:03.123456",
            "T01:02:03.1234569");
    List<String> offsets = List.of("", "Z", "+00:00", "-03:30", "+14:00");
    withDuck(
        (duck, parquet) -> {
          for (String day : days) {
            for (String time : times) {
              for (String offset : time.isEmpty() ? List.of("") : offsets) {
                String text = day + time + offset;
                long expected =
                    duck.query(
                        "select epoch_us(" + ParquetFile.timestamp("'" + text + "'") + ")",
                        DuckDb::firstLong);
                assertThat(TimestampText.micros(text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isEqualTo(expected);
              }
            }
          }
        });
  }
}
