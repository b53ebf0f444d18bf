package io.trainyard.store.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.store.duckdb.IngestedTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The profile that is made while rows are written, beside the one that DuckDB makes of them. */
@ExtendWith(FreshDatasets.class)
@Timeout(120)
@Tag("service")
class RunningProfileTest {
  private static final int ROWS = 110_000;
  private static final List<String> NAMES =
      List.of("few", "whole", "number", "rare", "text", "truth", "tiny", "steps", "last", "none");

  private final TestDatasets datasets;

  RunningProfileTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void aLargeCsvHasTheSameProfileAsTheSameRowsInAnotherFormat() {
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder(String.join(",", NAMES)).append('\n');
    StringBuilder json = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      int hundreds = row / 100;
      List<String> cells =
          List.of(
              String.valueOf(random.nextInt(7)),
              String.valueOf(random.nextInt(1_000_000)),
              String.valueOf(random.nextGaussian() * 1000 + 5),
              row % 10 == 0 ? String.valueOf(random.nextDouble()) : "",
              "t" + row % 300,
              row % 3 == 0 ? "true" : "false",
              String.valueOf(random.nextInt(100) / 1e9),
              String.valueOf(hundreds * 0.5),
              String.valueOf(ROWS - row),
              row % 2 == 0 ? "-0.5" : "0.5");
      csv.append(String.join(",", cells)).append('\n');
      StringJoiner object = new StringJoiner(",", "{", "}\n");
      for (int i = 0; i < cells.size(); i++) {
        String cell = cells.get(i);
        object.add(
            "\"%s\":%s"
                .formatted(
                    NAMES.get(i), cell.isEmpty() ? "null" : i == 4 ? "\"" + cell + "\"" : cell));
      }
      json.append(object);
    }
    DatasetVersion written = datasets.csv("written", csv.toString());
    DatasetVersion queried =
        datasets.create(Format.NDJSON, json.toString().getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < NAMES.size(); i++) {
      assertSame(NAMES.get(i), profile(written, i), profile(queried, i));
    }
    assertThat(written.hints()).isEqualTo(queried.hints());
  }

  private static ColumnProfile profile(DatasetVersion version, int column) {
    return version.columns().get(column).profile();
  }

  private static void assertSame(String name, ColumnProfile found, ColumnProfile expected) {
    assertThat(found.nulls()).as(name).isEqualTo(expected.nulls());
    assertThat(found.min()).as(name).isEqualTo(expected.min());
    assertThat(found.max()).as(name).isEqualTo(expected.max());
    assertThat(found.top()).as(name).isEqualTo(expected.top());
    assertThat(found.labels()).as(name).isEqualTo(expected.labels());
    assertThat(found.estimated()).as(name).isEqualTo(expected.estimated());
    // Four standard errors of either estimate.
    assertThat((double) found.distinct())
        .as(name)
        .isCloseTo((double) expected.distinct(), within(0.15 * (double) expected.distinct()));
    if (expected.mean() != null && expected.std() != null) {
      assertThat(found.mean()).as(name).isCloseTo(expected.mean(), within(1e-9 * expected.std()));
      assertThat(found.std()).as(name).isCloseTo(expected.std(), within(1e-9 * expected.std()));
    }
  }

  /** DuckDB's own estimate of the lowest one is 2 where 27.5 is right: sorted rows mislead it. */
  @Test
  void quantilesOfSortedRowsAreCloseToTheirs() {
    StringBuilder csv = new StringBuilder("up,down\n");
    int rows = 600_000;
    for (int row = 0; row < rows; row++) {
      csv.append(row).append(',').append(rows - row).append('\n');
    }
    DatasetVersion version = datasets.csv("sorted", csv.toString());
    for (int column = 0; column < 2; column++) {
      Map<String, Double> quantiles = Objects.requireNonNull(profile(version, column).quantiles());
      assertThat(quantiles).hasSize(5);
      // From 10,000 rows: a rank error of 2 % is four standard errors at the median.
      quantiles.forEach(
          (level, x) -> assertThat(x / rows).isCloseTo(Double.parseDouble(level), within(0.02)));
    }
  }

  @Test
  void fewRowsAndManyColumnsAreLeftToQueries() {
    List<IngestedTable.Entry> narrow =
        List.of(new IngestedTable.Entry("x", ColumnType.NUMBER, null, false));
    List<IngestedTable.Entry> wide =
        IntStream.range(0, 5000).mapToObj(_ -> narrow.getFirst()).toList();
    assertThat(RunningProfile.of(narrow, 1_000_000)).isNull();
    assertThat(RunningProfile.of(narrow, 1_000_001)).isNotNull();
    assertThat(RunningProfile.of(wide, 1_000_000)).isNull();
    RunningProfile profile = Objects.requireNonNull(RunningProfile.of(narrow, 1_000_001));
    profile.add(0, new double[] {1, 2}, new long[] {1}, 2);
    assertThat(profile.profiles(2)).isEmpty();
    ColumnProfile found = Objects.requireNonNull(profile.profiles(1_000_001).get(0));
    assertThat(found.nulls()).isEqualTo(1);
    assertThat(found.max()).isEqualTo(1.0);
  }
}
