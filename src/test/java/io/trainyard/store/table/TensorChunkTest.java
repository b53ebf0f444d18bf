package io.trainyard.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** DuckDB reads the lists that were written. */
@Timeout(60)
class TensorChunkTest {
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

  @TempDir Path folder;

  /** Adds rows; gives what DuckDB should read. */
  private interface Rows {
    List<String> add(WideParquet file);
  }

  private List<String> read(List<IngestedTable.Entry> columns, Rows rows) throws SQLException {
    Path parquet = folder.resolve("rows.parquet");
    try (DuckDb duck =
        DuckDb.openSingleThreaded(
            PROPERTIES, folder, new DataDirectory(folder).reserve(), List.of(parquet))) {
      List<String> expected;
      try (WideParquet file = new WideParquet(duck, columns, parquet)) {
        expected = rows.add(file);
        IngestedTable table = file.finish(0);
        assertThat(table.rows()).isEqualTo(expected.size());
        for (int i = 0; i < columns.size(); i++) {
          assertProfile(duck, parquet, i, Objects.requireNonNull(table.profiles().get(i)));
        }
      }
      List<String> found =
          duck.query(
              "select * from " + ParquetFile.read(parquet),
              results -> {
                List<String> each = new ArrayList<>();
                while (results.next()) {
                  StringBuilder row = new StringBuilder();
                  for (int i = 1; i <= columns.size(); i++) {
                    row.append(results.getString(i)).append(';');
                  }
                  each.add(row.toString());
                }
                return each;
              });
      assertThat(found).hasSameSizeAs(expected);
      for (int row = 0; row < found.size(); row++) {
        assertThat(found.get(row)).as("row %d", row).isEqualTo(expected.get(row));
      }
      return found;
    }
  }

  /** The profile is what DuckDB computes from the file. */
  private static void assertProfile(DuckDb duck, Path parquet, int column, ColumnProfile profile)
      throws SQLException {
    duck.query(
        """
        select min(e), max(e), avg(e), stddev_pop(e), (select count(*) - count(c%1$d) from %2$s)
        from (select unnest(c%1$d) as e from %2$s)
        """
            .formatted(column, ParquetFile.read(parquet)),
        row -> {
          row.next();
          assertThat(profile.min()).isEqualTo(row.getObject(1));
          assertThat(profile.max()).isEqualTo(row.getObject(2));
          assertThat(profile.mean()).isCloseTo(row.getDouble(3), withinPercentage(1e-10));
          assertThat(profile.std()).isCloseTo(row.getDouble(4), withinPercentage(1e-10));
          assertThat(profile.nulls()).isEqualTo(row.getLong(5));
          return true;
        });
  }

  private static IngestedTable.Entry tensor(boolean whole, int width) {
    return new IngestedTable.Entry("t", ColumnType.TENSOR, Shape.of(width), whole);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 785, 3000})
  void bytesBecomeWiderWhenTheyMust(int width) throws SQLException {
    Random random = new Random(width);
    List<String> rows =
        read(
            List.of(tensor(true, width), tensor(false, width)),
            file -> {
              List<String> expected = new ArrayList<>();
              for (int row = 0; row < 5000 / Math.max(1, width / 20); row++) {
                byte[] bytes = new byte[width];
                random.nextBytes(bytes);
                // Some groups hold pixels only, others get a larger number in their middle.
                boolean large = row % 97 == 50;
                long[] longs =
                    IntStream.range(0, width)
                        .mapToLong(i -> large && i == width - 1 ? -7 - (1L << 16) : bytes[i] & 0xff)
                        .toArray();
                double[] doubles = LongStream.of(longs).mapToDouble(x -> x / 4.0).toArray();
                if (row % 11 == 3) {
                  file.addMissing(0);
                } else if (large) {
                  file.tensor(0).add(longs, 0);
                } else {
                  file.tensor(0).add(bytes, 0);
                }
                if (row % 13 == 5) {
                  file.addMissing(1);
                } else {
                  file.tensor(1).add(doubles, 0);
                }
                file.endRows(1);
                if (row % 40 == 39) {
                  file.endGroup();
                }
                expected.add(
                    (row % 11 == 3 ? "null" : Arrays.toString(longs))
                        + ";"
                        + (row % 13 == 5 ? "null" : Arrays.toString(doubles))
                        + ";");
              }
              return expected;
            });
    assertThat(rows).hasSizeGreaterThan(30);
  }

  @Test
  void groupsOfPixelsTakeAByteForEach() throws SQLException {
    int width = 1 << 16;
    read(
        List.of(tensor(true, width)),
        file -> {
          List<String> expected = new ArrayList<>();
          for (int row = 0; row < 100; row++) {
            byte[] bytes = new byte[width];
            Arrays.fill(bytes, (byte) (2 * row));
            file.tensor(0).add(bytes, 0);
            file.endRows(1);
            expected.add(repeated(2 * row % 256, width));
          }
          return expected;
        });
    assertThat(folder.resolve("rows.parquet").toFile().length())
        .isBetween(100L * width, 102L * width);
  }

  private static String repeated(int element, int width) {
    int[] elements = new int[width];
    Arrays.fill(elements, element);
    return Arrays.toString(elements) + ";";
  }
}
